import { describe, expect, it } from "vitest";
import type { DayPoint, FigureDayAnswer } from "../wire";
import { stepTo, timesOf, trendOption } from "./trend";

const point = (offset_ms: number, offered: number, service_level: number | null = null): DayPoint => ({
  offset_ms,
  offered,
  answered: offered,
  abandoned: 0,
  service_level,
  answer_rate: offered ? 1 : null,
});
const DAY = {
  step_ms: 1_800_000,
  today: [point(0, 2, 0.5), point(1_800_000, 0)],
  week_ago: [point(0, 40)],
  figures: [],
} as unknown as FigureDayAnswer;
const NAMES = { offered: "o", answered: "a", abandoned: "b", serviceLevel: "s", answerRate: "r", weekAgo: "w" };
const COLOURS = { ink: "", soft: "", faint: "", card: "", font: "", fontPx: 20, series: [] };

describe("the course of a day", () => {
  it("has the whole day before it, in its intervals", () => {
    const times = timesOf(DAY);
    expect([times.length, times[0], times[1], times.at(-1)]).toEqual([48, "00:00", "00:30", "23:30"]);
  });

  it("leaves a gap where there is nothing to divide by, and stands before the week ago", () => {
    const { series } = trendOption(DAY, NAMES, COLOURS);
    const of = (name: string) => series.find((one) => one.name === name)!.data;
    expect([of("s"), of("o"), of("w")]).toEqual([[0.5, null], [2, 0], [40]]);
  });

  it("has lines at the quarters of its shares, and at whole numbers", () => {
    const { yAxis } = trendOption(DAY, NAMES, COLOURS);
    expect(yAxis.map(({ max, interval }) => [max, interval])).toEqual([[40, 10], [1, 0.25]]);
  });

  it.each([[0, 1], [3, 1], [4, 1], [5, 2], [21, 10], [80, 20], [81, 50], [2000, 500], [2001, 1000]])("up to %d goes by steps of %d", (most, step) => {
    expect(stepTo(most)).toBe(step);
  });

  it("knows nothing of a week ago where nothing is known", () => {
    const { series } = trendOption({ ...DAY, week_ago: null }, NAMES, COLOURS);
    expect(series.find(({ name }) => name === "w")!.data).toEqual([]);
  });
});
