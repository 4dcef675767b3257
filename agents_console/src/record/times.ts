/** The time that is asked about: some days up to now, or from one moment to another, where the page is looked at. */

export const PRESETS = ["", "today", "yesterday", "week", "month", "own"] as const;
export type Preset = (typeof PRESETS)[number];

/** `from` and `to` as a field for date and time has them (2026-11-22T08:00); they count when the preset is `own`. */
export interface TimeSpan {
  span: Preset;
  from: string;
  to: string;
}

const DAYS_BEFORE: Partial<Record<Preset, number>> = { today: 0, yesterday: 1, week: 6, month: 29 };

export function isPreset(text: string): text is Preset {
  return (PRESETS as readonly string[]).includes(text);
}

/** From when on and before when; what is missing has no bound. */
export function bounds({ span, from, to }: TimeSpan, now: Date): { since?: Date; until?: Date } {
  if (span === "own") {
    const [since, until] = [from, to].map((text) => (Number.isNaN(Date.parse(text)) ? undefined : new Date(text)));
    return { ...(since && { since }), ...(until && { until }) };
  }
  const before = DAYS_BEFORE[span];
  if (before === undefined) return {};
  const midnight = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
  return { since: midnight(-before), until: midnight(span === "yesterday" ? 0 : 1) };
}
