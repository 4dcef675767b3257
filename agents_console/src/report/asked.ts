/** What a report is asked for: as the address of the page says it, and as the server is asked. */

import { bounds, isPreset, type TimeSpan } from "../record/times";

export const INTERVALS = ["quarter", "hour", "day", "span"] as const;
export const SCOPES = ["centre", "queue", "agent"] as const;

export interface Report extends TimeSpan {
  interval: (typeof INTERVALS)[number];
  scope: (typeof SCOPES)[number];
  /** One queue or agent; empty: each. */
  name: string;
  /** The figure that is drawn; empty: the first of the headlines. */
  figure: string;
}

export const FIRST: Readonly<Report> = {
  span: "week",
  from: "",
  to: "",
  interval: "day",
  scope: "centre",
  name: "",
  figure: "",
};

/** The figures that are shown first, those that the report has. */
export const HEADLINES = [
  "calls_in",
  "human_requests",
  "offered",
  "handled",
  "answered",
  "abandoned",
  "connect_rate",
  "connected_within_15",
  "service_level",
  "abandonment_rate",
  "asa_ms",
  "aht_ms",
  "agent_answer_rate",
  "occupancy",
  "staffed_ms",
  "satisfaction_rate",
];

type Query = Readonly<Record<string, unknown>>;
const among = <T extends string>(known: readonly T[], value: unknown): value is T => known.includes(value as T);

/** What the address says. */
export function reportOf(query: Query): Report {
  const report: Report = { ...FIRST };
  const { span, interval, scope } = query;
  if (typeof span === "string" && span !== "" && isPreset(span)) report.span = span;
  if (among(INTERVALS, interval)) report.interval = interval;
  if (among(SCOPES, scope)) report.scope = scope;
  for (const name of ["from", "to", "name", "figure"] as const) {
    const value = query[name];
    if (typeof value === "string") report[name] = value;
  }
  return report;
}

/** The same for the address. */
export function queryOf(report: Report): Record<string, string> {
  const own = report.span === "own";
  const named = report.scope !== "centre";
  return Object.fromEntries(
    Object.entries(report).filter(
      ([name, value]) =>
        value !== "" && (own || (name !== "from" && name !== "to")) && (named || name !== "name"),
    ),
  );
}

/** What the server is asked (ReportRequest); null when the time has no beginning or no end. */
export function askedOf(report: Report, now: Date): URLSearchParams | null {
  const { since, until } = bounds(report, now);
  if (!since || !until) return null;
  const asked = new URLSearchParams({ since: since.toISOString(), until: until.toISOString() });
  asked.set("interval", report.interval);
  asked.set("scope", report.scope);
  if (report.scope !== "centre" && report.name) asked.set("name", report.name);
  return asked;
}
