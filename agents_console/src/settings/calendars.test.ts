import { describe, expect, it } from "vitest";
import type { CalendarDay } from "../wire";
import { monthsOf, rangeOf, spansIn, weeklyOf, weekOf } from "./calendars";

const DAY = ["09:00-18:00"];
const SHORT = ["09:00-12:00"];

describe("a week", () => {
  it("is written with neighbours together and without closed days, and read again", () => {
    const week = { mon: DAY, tue: DAY, wed: SHORT, thu: DAY, fri: DAY, sat: [], sun: SHORT };
    const written = { "mon-tue": DAY, wed: SHORT, "thu-fri": DAY, sun: SHORT };
    expect(weeklyOf(week)).toEqual(written);
    expect(weekOf(written)).toEqual(week);
  });
});

it("spans are divided by whatever people write between them", () => {
  expect(spansIn(" 09:00-12:00\uff0c13:30-18:00\u300119:00-20:00 ")).toEqual(["09:00-12:00", "13:30-18:00", "19:00-20:00"]);
  expect(spansIn(" ")).toEqual([]);
});

it("a holiday is a day or a range", () => {
  expect([rangeOf("2026-10-01", "2026-10-07"), rangeOf("2027-01-01", ""), rangeOf("2027-01-01", "2027-01-01")]).toEqual(["2026-10-01..2026-10-07", "2027-01-01", "2027-01-01"]);
});

it("months begin on their weekday", () => {
  const days = ["2026-02-28", "2026-03-01", "2026-03-02"].map((day): CalendarDay => ({ day, kind: "weekly", follows: "", hours: [] }));
  expect(monthsOf(days).map(({ month, blank, days }) => [month, blank, days.length])).toEqual([["2026-02", 5, 1], ["2026-03", 6, 2]]);
});
