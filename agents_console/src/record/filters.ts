/** Which calls are looked for: as the address of the page says it, and as the server is asked. */

import { bounds, isPreset, type TimeSpan } from "./times";

/** Every field as it stands in its input; empty: does not matter. `wait` and `talk` are least seconds. */
export interface Filters extends TimeSpan {
  queue: string;
  agent: string;
  caller: string;
  did: string;
  outcome: string;
  flow: string;
  language: string;
  recorded: string;
  wait: string;
  talk: string;
  words: string;
}

export const NO_FILTERS: Readonly<Filters> = {
  span: "",
  from: "",
  to: "",
  queue: "",
  agent: "",
  caller: "",
  did: "",
  outcome: "",
  flow: "",
  language: "",
  recorded: "",
  wait: "",
  talk: "",
  words: "",
};

type Query = Readonly<Record<string, unknown>>;

/** What the address says; whatever else stands there does not matter. */
export function filtersOf(query: Query): Filters {
  const filters: Filters = { ...NO_FILTERS };
  for (const name of Object.keys(NO_FILTERS) as (keyof Filters)[]) {
    const value = query[name];
    if (typeof value !== "string") continue;
    if (name !== "span") filters[name] = value;
    else if (isPreset(value)) filters.span = value;
  }
  return filters;
}

/** The same for the address, without what does not matter. */
export function queryOf(filters: Filters): Record<string, string> {
  const own = filters.span === "own";
  return Object.fromEntries(
    Object.entries(filters)
      .map(([name, value]): [string, string] => [name, value.trim()])
      .filter(([name, value]) => value !== "" && (own || (name !== "from" && name !== "to"))),
  );
}

const SAME = ["queue", "agent", "did", "outcome", "flow", "language", "recorded", "words"] as const;

/** What the server is asked (CallsRequest). */
export function askedOf(filters: Filters, now: Date): URLSearchParams {
  const asked = new URLSearchParams();
  for (const [name, moment] of Object.entries(bounds(filters, now))) asked.set(name, moment.toISOString());
  for (const name of SAME) if (filters[name].trim()) asked.set(name, filters[name].trim());
  const number = filters.caller.replaceAll(/[^0-9+*#]/g, "");
  if (number) asked.set("caller", number);
  for (const name of ["wait", "talk"] as const) {
    const seconds = Math.trunc(Number(filters[name]));
    if (seconds > 0) asked.set(`least_${name}_sec`, String(seconds));
  }
  return asked;
}

/** A number of the wallboard whose calls are looked at (FigureCallsRequest). */
export interface Counted {
  key: string;
  part: string;
  scope: string;
}

/** The one that the address names, if it names one. */
export function countedOf({ figure, part, scope }: Query): Counted | null {
  const text = (value: unknown, otherwise: string) => (typeof value === "string" && value ? value : otherwise);
  const key = text(figure, "");
  return key ? { key, part: text(part, "value"), scope: text(scope, "total") } : null;
}
