/** The texts of flows and tests as this page has them: what the server has, and what was typed since, which outlives
 *  the page. Nothing here overwrites what somebody else has written: that is a clash, and a person decides. Pure. */

import type { FlowsAnswer, FlowText } from "../wire";

/** What was typed of one file; `seen` is the hash of what it began with (null: the file is new). */
export interface Draft {
  readonly text: string;
  readonly seen: string | null;
}

export interface Written {
  readonly text: string;
  readonly hash: string;
}

export interface Drafts {
  readonly written: ReadonlyMap<string, Written>;
  readonly typed: ReadonlyMap<string, Draft>;
}

export const NOTHING: Drafts = { written: new Map(), typed: new Map() };

/** What the server has now: what was typed and is written there by now is no draft any more. */
export function met(drafts: Drafts, answer: Pick<FlowsAnswer, "files" | "tests">): Drafts {
  const there = answer.files.filter((file) => file.state !== "removed");
  const written = new Map([...there, ...answer.tests].map(({ name, text, hash }) => [name, { text, hash }]));
  const typed = new Map([...drafts.typed].filter(([name, draft]) => written.get(name)?.text !== draft.text));
  return { written, typed };
}

/** This text was typed. A draft goes on from what it began with. */
export function typed(drafts: Drafts, name: string, text: string): Drafts {
  const now = new Map(drafts.typed);
  const there = drafts.written.get(name);
  const seen = now.get(name)?.seen ?? there?.hash ?? null;
  if (there?.text === text) now.delete(name);
  else now.set(name, { text, seen });
  return { ...drafts, typed: now };
}

export function textOf(drafts: Drafts, name: string): string {
  return drafts.typed.get(name)?.text ?? drafts.written.get(name)?.text ?? "";
}

/** Somebody else has written the file since this draft of it was begun. */
export function isClash(drafts: Drafts, name: string): boolean {
  const draft = drafts.typed.get(name);
  return draft !== undefined && draft.seen !== (drafts.written.get(name)?.hash ?? null);
}

/** A person has seen what is there: mine is to be written over it. */
export function keepingMine(drafts: Drafts, name: string): Drafts {
  const draft = drafts.typed.get(name);
  if (!draft) return drafts;
  const seen = drafts.written.get(name)?.hash ?? null;
  return { ...drafts, typed: new Map([...drafts.typed, [name, { ...draft, seen }]]) };
}

/** What was typed of the file is given up. */
export function withoutMine(drafts: Drafts, name: string): Drafts {
  return { ...drafts, typed: new Map([...drafts.typed].filter(([known]) => known !== name)) };
}

/** What the server is to look at instead of what is written. */
export function unsaved(drafts: Drafts): FlowText[] {
  return [...drafts.typed].map(([name, { text }]) => ({ name, text }));
}

const KEPT = "flow-drafts";

export function keep(drafts: Drafts, where: Storage): void {
  try {
    if (drafts.typed.size) where.setItem(KEPT, JSON.stringify([...drafts.typed]));
    else where.removeItem(KEPT);
  } catch {
    // A full or forbidden store: the page itself still has the draft.
  }
}

export function kept(where: Storage): Drafts {
  try {
    const found = JSON.parse(where.getItem(KEPT) ?? "[]") as [string, Draft][];
    return { ...NOTHING, typed: new Map(found) };
  } catch {
    return NOTHING;
  }
}
