import { describe, expect, it } from "vitest";
import type { LifeAnswer, LifeSpan } from "../wire";
import { drawn, momentOf, outline, soundAt, stretches, ticks } from "./life";

const T = Date.parse("2026-11-22T08:00:00.000Z");
const at = (ms: number) => new Date(T + ms).toISOString();
const span = (lane: LifeSpan["lane"], from: number, to: number | null, offset_ms: number | null = null): LifeSpan => ({
  lane,
  name: lane,
  began_at: at(from),
  ended_at: to === null ? null : at(to),
  end: "",
  offset_ms,
});
const life = (...spans: LifeSpan[]): LifeAnswer => ({
  call_id: "c1",
  ended_at: null,
  spans,
  marks: [{ kind: "arrived", at: at(0), name: "" }],
});

describe("the life of a call", () => {
  it("is drawn from its first moment to its last", () => {
    const { startAt, endAt, lanes } = drawn(life(span("queue", 1000, 4000), span("talk", 4000, 10_000)), T);
    expect([startAt - T, endAt - T]).toEqual([0, 10_000]);
    expect(lanes.map(({ lane, rows }) => [lane, rows[0]![0]!.left, rows[0]![0]!.width])).toEqual([
      ["queue", 10, 30],
      ["talk", 40, 60],
    ]);
  });

  it("has Offers at the same time below each other", () => {
    const offers = [span("offer", 0, 5000), span("offer", 0, 3000), span("offer", 3000, 6000), span("offer", 5000, 9000)];
    expect(drawn(life(...offers), T).lanes[0]!.rows.map((row) => row.length)).toEqual([2, 2]);
  });

  it("goes on until now", () => {
    expect(drawn(life(span("talk", 1000, null)), T + 60_000).endAt).toBe(T + 60_000);
    expect(drawn(life(), T).lanes).toEqual([]);
  });
});

describe("the sound", () => {
  const recorded = stretches(life(span("recording", 4000, 8000, 0), span("recording", 20_000, null, 4000)), 9000);

  it("is found by the moment, and the moment by the sound", () => {
    expect([4000, 7999, 20_001].map((ms) => soundAt(recorded, T + ms))).toEqual([0, 3999, 4001]);
    expect([0, 3999, 4001].map((ms) => momentOf(recorded, ms))).toEqual([T + 4000, T + 7999, T + 20_001]);
  });

  it("goes on with the next stretch where nothing was recorded", () => {
    expect([0, 8000, 15_000, 25_000].map((ms) => soundAt(recorded, T + ms))).toEqual([0, 4000, 4000, null]);
    expect(momentOf([], 0)).toBeNull();
  });
});

it.each([
  [9000, 1000, 10],
  [65_000, 10_000, 7],
  [3_600_000, 600_000, 7],
])("a life of %i ms has a tick every %i ms", (length, step, count) => {
  const found = ticks(length);
  expect([found[1], found.length]).toEqual([step, count]);
});

it("silence is a line, and nothing is nothing", () => {
  expect(outline([0, 255])).toBe("M0 -0.008L1 -1.000L1 1.000L0 0.008Z");
  expect(outline([])).toBe("");
});
