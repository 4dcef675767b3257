/** How estimates are shown: the mean, and the bounds that hold the truth with 95 %. */

import { shown } from "../live/figures";
import type { KpiUnit, PlanningEstimate } from "../wire";

const scaled = (value: number, scale: number) => (Number.isFinite(value) ? value * scale : value);

export function mean(unit: KpiUnit, estimate: PlanningEstimate | null, scale = 1): string {
  return shown(unit, estimate && scaled(estimate.mean, scale));
}

/** A difference has its sign. */
export function difference(unit: KpiUnit, value: number): string {
  const size = unit === "count" && Math.abs(value) < 10 ? String(Math.round(Math.abs(value) * 10) / 10) : shown(unit, Math.abs(value));
  const text = unit === "ms" && Math.abs(value) < 60_000 ? `${(Math.abs(value) / 1000).toFixed(1)} s` : size;
  return value === 0 ? text : `${value > 0 ? "+" : "−"}${text}`;
}

/** Spans below a minute with tenths of seconds: most waits are short. */
export function figure(unit: KpiUnit, value: number | null): string {
  return value !== null && unit === "ms" && value < 60_000 ? `${(value / 1000).toFixed(1)} s` : shown(unit, value);
}

export function bounds(estimate: PlanningEstimate | null, text: (value: number) => string): string {
  if (!estimate || estimate.low === null || estimate.high === null) return "";
  return `${text(estimate.low)} … ${text(estimate.high)}`;
}
