/** What the record knows of a call, in the order and the shapes in which it is shown. */

import type { CallDetail, DecisionsAnswer } from "../wire";

/** A word, where the recogniser told when it was said; `text` with the space behind it, if there is one. */
interface Word {
  text: string;
  startMs: number;
}

/** One utterance, placed in the recording. */
export interface Utterance {
  leg: string;
  text: string;
  startMs: number;
  endMs: number;
  words: Word[];
}

/** Both sides in the order in which they spoke; whatever has no times is left out. */
export function conversation(call: CallDetail): Utterance[] {
  const said = call.transcripts.flatMap(({ leg, segments }) =>
    segments.flatMap(({ text, words, start_ms: start, end_ms: end }) =>
      typeof text === "string" && typeof start === "number" && typeof end === "number"
        ? [{ leg, text, startMs: start, endMs: end, words: wordsIn(text, words) }]
        : [],
    ),
  );
  return said.sort((one, other) => one.startMs - other.startMs);
}

/** The text cut at its words; none when they are not those of the text. */
function wordsIn(text: string, told: unknown): Word[] {
  const words: Word[] = [];
  let at = 0;
  for (const word of Array.isArray(told) ? (told as Record<string, unknown>[]) : []) {
    if (typeof word.text !== "string" || typeof word.start_ms !== "number") return [];
    const found = text.indexOf(word.text, at);
    if (found < 0) return [];
    const before = words.at(-1);
    if (before) before.text += text.slice(at, found);
    words.push({ text: (before ? "" : text.slice(0, found)) + word.text, startMs: word.start_ms });
    at = found + word.text.length;
  }
  const last = words.at(-1);
  if (last) last.text += text.slice(at);
  return words;
}

/** Which utterance is heard at this moment of the recording; the last one begun stays until the next. */
export function heardAt(said: readonly Utterance[], atMs: number): Utterance | undefined {
  return said.filter(({ startMs }) => startMs <= atMs).at(-1);
}

/** A moment of the routing: an offer, or a wait although agents were ready. */
export interface Moment {
  at: string;
  kind: "offer" | "wait";
  /** Null: this version cannot read what was stored. */
  words: string | null;
}

/** All moments, in time. */
export function moments({ decisions, waits }: DecisionsAnswer): Moment[] {
  const all: Moment[] = [
    ...decisions.map(({ at, explanation }) => ({ at, kind: "offer" as const, words: explanation })),
    ...waits.map(({ at, explanation }) => ({ at, kind: "wait" as const, words: explanation })),
  ];
  return all.sort((one, other) => one.at.localeCompare(other.at));
}

/** The text around the words that were looked for, cut where they are; the odd parts are those words. */
export function marked(text: string, words: string): string[] {
  if (!words) return [text];
  const parts: string[] = [];
  const [lower, wanted] = [text.toLowerCase(), words.toLowerCase()];
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), text.slice(at, at + words.length));
    from = at + words.length;
  }
  return [...parts, text.slice(from)];
}
