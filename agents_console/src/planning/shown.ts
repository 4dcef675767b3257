/** How estimates are shown: the mean, and the bounds that hold the truth with 95 %. */

import { shown } from "../live/figures";
import type { KpiUnit, PlanningEstimate } from "../wire";

export const percent = (value: number): string => figure("ratio", value);
export const seconds = (value: number): string => figure("ms", value * 1000);

/** How callers fare, as staff is planned for it. */
export const FIGURES = ["service_level", "asa_s", "abandonment", "occupancy"] as const;
export type Figures = Record<(typeof FIGURES)[number], PlanningEstimate | null>;
export const TEXT_OF = { service_level: percent, asa_s: seconds, abandonment: percent, occupancy: percent } as const;

/** A difference has its sign, unless nothing is left of it. */
export function difference(unit: KpiUnit, value: number): string {
  const size = unit === "count" && Math.abs(value) < 10 ? String(Math.round(Math.abs(value) * 10) / 10) : shown(unit, Math.abs(value));
  const text = unit === "ms" && Math.abs(value) < 60_000 ? `${(Math.abs(value) / 1000).toFixed(1)} s` : size;
  return /[1-9]/.test(text) ? `${value > 0 ? "+" : "−"}${text}` : text;
}

/** Spans below a minute with tenths of seconds: most waits are short. */
export function figure(unit: KpiUnit, value: number | null): string {
  return value !== null && unit === "ms" && value < 60_000 ? `${(value / 1000).toFixed(1)} s` : shown(unit, value);
}

export function bounds(estimate: PlanningEstimate | null, text: (value: number) => string): string {
  if (!estimate || estimate.low === null || estimate.high === null) return "";
  return `${text(estimate.low)} … ${text(estimate.high)}`;
}
