import { describe, expect, it } from "vitest";
import type { ReportAnswer } from "../wire";
import { askedOf, FIRST, queryOf, reportOf } from "./asked";
import { optionOf, pictureOf } from "./chart";

const NOW = new Date(2026, 10, 22, 9, 30);

describe("the address", () => {
  it("keeps what is asked for", () => {
    const query = { span: "month", interval: "hour", scope: "queue", name: "general", figure: "asa_ms" };
    expect(queryOf(reportOf(query))).toEqual(query);
    expect(reportOf({ span: "", interval: "minute", scope: 1 })).toEqual(FIRST);
    expect(queryOf({ ...FIRST, name: "1001", from: "x" })).toEqual({ span: "week", interval: "day", scope: "centre" });
  });

  it("becomes what the server is asked", () => {
    expect(Object.fromEntries(askedOf({ ...FIRST, span: "today", name: "general" }, NOW)!)).toEqual({
      since: new Date(2026, 10, 22).toISOString(),
      until: new Date(2026, 10, 23).toISOString(),
      interval: "day",
      scope: "centre",
    });
    expect(askedOf({ ...FIRST, span: "own", from: "2026-11-22T08:00" }, NOW)).toBeNull();
  });
});

const row = (begin_at: string, name: string, ...values: (number | null)[]) => ({ begin_at, end_at: "", name, values });
const REPORT = {
  figures: [
    { key: "offered", unit: "count", formula: "" },
    { key: "asa_ms", unit: "ms", formula: "" },
  ],
  rows: [row("1", "a", 4, 900), row("1", "b", 1, null), row("2", "b", 2, 500)],
} as unknown as ReportAnswer;
const SHOWN = { timeOf: (at: string) => `at ${at}`, nameOf: (name: string) => name.toUpperCase(), byName: false };

describe("the picture", () => {
  it("has a series for each name, with a gap where nothing happened", () => {
    expect(pictureOf(REPORT, "offered", SHOWN)).toEqual({
      categories: ["at 1", "at 2"],
      series: [
        { name: "A", values: [4, null] },
        { name: "B", values: [1, 2] },
      ],
    });
  });

  it("of the whole time has a bar for each name", () => {
    expect(pictureOf(REPORT, "asa_ms", { ...SHOWN, byName: true })).toEqual({
      categories: ["A", "B"],
      series: [{ name: "", values: [900, null] }],
    });
  });

  it("draws no more names than can be told apart: the greatest", () => {
    const rows = Array.from({ length: 30 }, (_, place) => row("1", `n${place}`, place));
    const { series } = pictureOf({ ...REPORT, rows }, "offered", SHOWN);
    expect([series.length, series[0]!.name]).toEqual([12, "N18"]);
  });

  it("has bars for counts and lines for the rest, none higher than all", () => {
    const colours = { ink: "", soft: "", faint: "", card: "", font: "", fontPx: 16, series: [] };
    const picture = pictureOf(REPORT, "offered", SHOWN);
    expect(optionOf(picture, "count", colours, false).series.map(({ type }) => type)).toEqual(["bar", "bar"]);
    const shares = optionOf(picture, "ratio", colours, false);
    expect([shares.series[0]!.type, shares.yAxis.max, shares.tooltip.valueFormatter(0.5)]).toEqual(["line", 1, "50.0%"]);
    expect(optionOf(picture, "ms", colours, true).series[0]!.type).toBe("bar");
  });
});
