/** How figures are shown. */

import type { RouteLocationRaw } from "vue-router";
import type { DayBefore, Kpi, Term } from "../wire";
import { TOTAL } from "./picture";
import { span } from "./clock";

/** The figures shown large: the first ones of these that the scope has. */
const HEADLINES = [
  "connect_rate",
  "connected_within_15",
  "service_level",
  "asa_ms",
  "aht_ms",
  "abandonment_rate",
  "occupancy",
  "calls_in",
  "offered",
  "answered",
  "agent_answer_rate",
  "abandoned",
];
const TILES = 8;

/** Ratios of two times; all others have counts below the line. */
const OF_TIMES = ["occupancy", "utilisation"];

export function headlines(figures: readonly Kpi[]): Kpi[] {
  const byKey = new Map(figures.map((figure) => [figure.key, figure]));
  return HEADLINES.flatMap((key) => byKey.get(key) ?? []).slice(0, TILES);
}

/** What stands for calls that wait at this moment: they are on the wallboard itself. */
const OF_THIS_MOMENT = ["waiting", "longest_wait_ms", "call_backs_owed"];

/** Where the calls are that this number counts; null where it counts none. */
export function listOf(figure: Kpi, part: Term): RouteLocationRaw | null {
  const { key, scope } = figure;
  if (part === "value" && OF_THIS_MOMENT.includes(key))
    return { path: "/", query: scope === TOTAL ? {} : { queue: scope }, hash: "#waiting" };
  return figure.opens.includes(part) ? { path: "/history", query: { figure: key, part, scope } } : null;
}

/** By how much a figure differs from another day: shares in points. */
export function difference(unit: Kpi["unit"], { change }: DayBefore): string {
  if (change === null) return "–";
  const size = Math.abs(change);
  const told = unit === "ratio" ? (size * 100).toFixed(1) : shown(unit, size);
  if (/^[0:.]+$/.test(told)) return `= ${told}`;
  return `${change > 0 ? "▲" : "▼"} ${told}`;
}

export function shown(unit: Kpi["unit"], value: number | null): string {
  if (value === null) return "–";
  if (unit === "ratio") return `${(value * 100).toFixed(value === 1 ? 0 : 1)}%`;
  return unit === "ms" ? span(value) : String(Math.round(value));
}

/** What a ratio or an average was divided from; nothing of a count. */
export function parts({ key, unit, numerator, denominator }: Kpi): [Term, string][] {
  if (numerator === null || denominator === null) return [];
  const ofTimes = OF_TIMES.includes(key);
  return [
    ["numerator", shown(ofTimes || unit === "ms" ? "ms" : "count", numerator)],
    ["denominator", shown(ofTimes ? "ms" : "count", denominator)],
  ];
}
