/** What is said in a live call: a fold of what the server tells (wire_live_transcript.py). */

import type { LiveTranscript, LiveTranscriptChange, LiveUtterance } from "../wire";

/** An utterance; or what was said before the server began anew, and then `side` is null for the break behind it. */
export interface Line extends Omit<LiveUtterance, "side"> {
  key: string;
  side: LiveUtterance["side"] | null;
}

export interface Said extends Pick<LiveTranscript, "reading" | "why"> {
  beganAt: string;
  /** What an earlier server told: it kept nothing, but whoever read it may go on seeing it. */
  earlier: readonly Line[];
  lines: ReadonlyMap<number, Line>;
}

const lineOf = (beganAt: string, one: LiveUtterance): Line => ({ ...one, key: `${beganAt}#${one.number}` });
const numbered = (beganAt: string, utterances: readonly LiveUtterance[]) => new Map(utterances.map((one) => [one.number, lineOf(beganAt, one)]));

/** All there is, with what was seen before. */
export function fromPicture(known: Said | null, { began_at, reading, why, utterances }: LiveTranscript): Said {
  const before = known && known.beganAt !== began_at ? broken(known) : (known?.earlier ?? []);
  return { beganAt: began_at, reading, why, earlier: before, lines: numbered(began_at, utterances) };
}

export function afterChange(known: Said, { reading, why, utterances }: LiveTranscriptChange): Said {
  const changed = numbered(known.beganAt, utterances);
  return { ...known, reading, why, lines: new Map([...known.lines, ...changed]) };
}

/** In the order in which it was said. */
export function linesOf(said: Said | null): readonly Line[] {
  return said ? [...said.earlier, ...said.lines.values()] : [];
}

/** What was read of an earlier server, as it was last understood, and the break. */
function broken({ beganAt, earlier, lines }: Said): readonly Line[] {
  if (!lines.size) return earlier;
  const seen = [...lines.values()].map((line) => ({ ...line, is_final: true }));
  const { at } = seen.at(-1)!;
  const gap: Line = { key: `${beganAt}#break`, number: 0, side: null, text: "", is_final: true, lost: true, at };
  return [...earlier, ...seen, gap];
}
