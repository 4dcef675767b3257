/** How figures are shown. */

import type { Kpi } from "../wire";
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

export function shown(unit: Kpi["unit"], value: number | null): string {
  if (value === null) return "–";
  if (unit === "ratio") return `${(value * 100).toFixed(value === 1 ? 0 : 1)}%`;
  return unit === "ms" ? span(value) : String(Math.round(value));
}

/** What a ratio or an average was divided from; empty for a count. */
export function parts({ key, unit, numerator, denominator }: Kpi): string {
  if (numerator === null || denominator === null) return "";
  const ofTimes = OF_TIMES.includes(key);
  return `${shown(ofTimes || unit === "ms" ? "ms" : "count", numerator)} / ${shown(ofTimes ? "ms" : "count", denominator)}`;
}
