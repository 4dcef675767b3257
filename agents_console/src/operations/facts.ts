/** Facts of the health report as people read them. */

import { clockTime } from "../live/clock";
import type { HealthFact, HealthPart } from "../wire";

const STEPS = ["B", "KB", "MB", "GB", "TB"] as const;

/** Bytes with three digits that count: 1.25 GB. */
export function size(bytes: number): string {
  let [value, step] = [bytes, 0];
  while (value >= 1000 && step < STEPS.length - 1) [value, step] = [value / 1024, step + 1];
  return `${value.toFixed(step === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2)} ${STEPS[step]}`;
}

export function shownFact({ unit, value, text }: HealthFact, language: string): string {
  if (value === null) return text || "–";
  switch (unit) {
    case "bytes":
      return size(value);
    case "ms":
      return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
    case "ratio":
      return `${(value * 100).toFixed(1)}%`;
    case "instant":
      return clockTime(new Date(value).toISOString(), language);
    default:
      return value.toLocaleString(language);
  }
}

/** What needs somebody first, the worst of it first; the rest as the server orders it. */
export function byNeed(parts: readonly HealthPart[]): { alarms: HealthPart[]; others: HealthPart[] } {
  const rank = { down: 0, poor: 1, unknown: 2, off: 3, well: 4 } as const;
  const alarms = parts.filter((part) => part.trouble !== null).sort((one, other) => rank[one.condition] - rank[other.condition]);
  return { alarms, others: parts.filter((part) => part.trouble === null) };
}
