/** Which texts are shown of all that callers hear. */

import type { Prompt } from "../wire";

/** Single words, of which numbers and days are joined: shown only to those who ask for them. */
const PIECES = "(numbers)";

/** What is looked for; empty: everything. */
export interface Search {
  words: string;
  flow: string;
  language: string;
  state: string;
  attention: boolean;
}
export const EVERYTHING: Search = { words: "", flow: "", language: "", state: "", attention: false };

/** The search that the address keeps. */
export function searchOf(query: Readonly<Record<string, unknown>>): Search {
  const text = (name: string): string => (typeof query[name] === "string" ? (query[name] as string) : "");
  return { words: text("words"), flow: text("flow"), language: text("language"), state: text("state"), attention: text("attention") === "1" };
}

/** The address of a search. */
export function queryOf(search: Search): Record<string, string> {
  const { attention, ...texts } = search;
  const told = Object.entries(texts).map(([name, value]) => [name, value.trim()] as const);
  return { ...Object.fromEntries(told.filter(([, value]) => value)), ...(attention ? { attention: "1" } : {}) };
}

export function shown(prompts: readonly Prompt[], search: Search): Prompt[] {
  const words = search.words.trim().toLowerCase();
  return prompts.filter(
    (prompt) =>
      (search.flow ? prompt.said_by.includes(search.flow) : words || !isPiece(prompt)) &&
      (!search.language || prompt.language === search.language) &&
      (!search.state || prompt.state === search.state) &&
      (!search.attention || prompt.needs_attention) &&
      (!words || prompt.number === words || prompt.text.toLowerCase().includes(words)),
  );
}

/** What can be looked for: flows, languages and states that there are, in the order in which they come. */
export function offered(prompts: readonly Prompt[]): { flows: string[]; languages: string[]; states: Prompt["state"][] } {
  return {
    flows: [...new Set(prompts.flatMap((prompt) => prompt.said_by))],
    languages: [...new Set(prompts.map((prompt) => prompt.language))],
    states: [...new Set(prompts.map((prompt) => prompt.state))],
  };
}

/** The list with this text as it is now; null: it is gone. */
export function changed(prompts: readonly Prompt[], number: string, now: Prompt | null): Prompt[] {
  return prompts.flatMap((prompt) => (prompt.number !== number ? [prompt] : now ? [now] : []));
}

/** Seconds of a sound, as they are read: 3.4. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function isPiece(prompt: Prompt): boolean {
  return prompt.said_by.length === 1 && prompt.said_by[0] === PIECES;
}
