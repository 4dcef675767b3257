/** The life of a call as it is drawn: lanes over time, and where the sound lies in it. */

import type { LifeAnswer, LifeSpan } from "../wire";

/** From top to bottom. */
const LANES = ["flow", "queue", "offer", "talk", "hold", "outside", "message", "recording", "wrap_up"] as const;
const SHORTEST_SHOWN = 0.25;

/** A bar on a lane; `left` and `width` in per cent of the whole life. */
export interface Bar {
  left: number;
  width: number;
  startAt: number;
  endAt: number;
  name: string;
  end: string;
}

export interface DrawnLane {
  lane: LifeSpan["lane"];
  /** Bars that are at the same time lie below each other. */
  rows: Bar[][];
}

export interface Drawn {
  startAt: number;
  endAt: number;
  lanes: DrawnLane[];
}

/** Everything with its place; what goes on ends `now`. */
export function drawn(life: LifeAnswer, now: number): Drawn {
  const ends = ({ ended_at }: LifeSpan) => (ended_at === null ? now : Date.parse(ended_at));
  const moments = [
    ...life.spans.flatMap((span) => [Date.parse(span.began_at), ends(span)]),
    ...life.marks.map(({ at }) => Date.parse(at)),
  ];
  const startAt = Math.min(...moments);
  const endAt = Math.max(...moments, startAt + 1);
  const percent = (ms: number) => (ms / (endAt - startAt)) * 100;
  const lanes = LANES.flatMap((lane): DrawnLane[] => {
    const bars = life.spans
      .filter((span) => span.lane === lane)
      .map((span): Bar => {
        const [began, ended] = [Date.parse(span.began_at), ends(span)];
        const width = Math.max(SHORTEST_SHOWN, percent(ended - began));
        return { left: percent(began - startAt), width, startAt: began, endAt: ended, name: span.name, end: span.end };
      });
    return bars.length ? [{ lane, rows: besideEachOther(bars) }] : [];
  });
  return { startAt, endAt, lanes };
}

/** Each bar in the first row in which it overlaps none. */
function besideEachOther(bars: readonly Bar[]): Bar[][] {
  const rows: Bar[][] = [];
  for (const bar of bars) {
    const row = rows.find((others) => (others.at(-1)?.endAt ?? 0) <= bar.startAt);
    if (row) row.push(bar);
    else rows.push([bar]);
  }
  return rows;
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200];
const MOST_TICKS = 10;

/** Round spans since the beginning, few enough to be read. */
export function ticks(lengthMs: number): number[] {
  const step = (STEPS_S.find((seconds) => lengthMs / (seconds * 1000) <= MOST_TICKS) ?? 14_400) * 1000;
  return Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, place) => place * step);
}

interface Stretch {
  startAt: number;
  endAt: number;
  offsetMs: number;
}

/** The stretches of the recording, as they lie one behind the other in its sound; `durationMs` is its length. */
export function stretches(life: LifeAnswer, durationMs: number): Stretch[] {
  return life.spans.flatMap(({ began_at, ended_at, offset_ms }): Stretch[] => {
    if (offset_ms === null) return [];
    const startAt = Date.parse(began_at);
    const endAt = ended_at === null ? startAt + Math.max(0, durationMs - offset_ms) : Date.parse(ended_at);
    return [{ startAt, endAt, offsetMs: offset_ms }];
  });
}

/** Where in the sound this moment is heard; of one that is not recorded, where the next stretch begins. */
export function soundAt(recorded: readonly Stretch[], at: number): number | null {
  const next = recorded.find(({ endAt }) => at < endAt);
  return next ? next.offsetMs + Math.max(0, at - next.startAt) : null;
}

/** When this place in the sound was spoken. */
export function momentOf(recorded: readonly Stretch[], offsetMs: number): number | null {
  const heard = recorded.filter((stretch) => stretch.offsetMs <= offsetMs).at(-1);
  return heard ? Math.min(heard.endAt, heard.startAt + offsetMs - heard.offsetMs) : null;
}

/** The outline of a channel as an SVG path: `peaks` wide, mirrored about 0, as high as -1 to 1. */
export function outline(peaks: readonly number[]): string {
  if (!peaks.length) return "";
  const height = (peak: number) => (Math.max(2, peak) / 255).toFixed(3);
  const above = peaks.map((peak, place) => `${place} -${height(peak)}`);
  const below = peaks.map((peak, place) => `${place} ${height(peak)}`).reverse();
  return `M${[...above, ...below].join("L")}Z`;
}
