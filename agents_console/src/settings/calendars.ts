/** Calendars as the settings write them (ivr_flows/calendars.py), and what the server says of their days. */

import { request } from "../api";
import type { CalendarAnswer, CalendarDay } from "../wire";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface CalendarEntry {
  time_zone?: string;
  weekly: Record<string, string[]>;
  holidays?: string[];
  make_up_days?: Record<string, string>;
  special_days?: Record<string, string[]>;
}

export interface Asked {
  since: string;
  until: string;
  at: string | null;
}

/** What the calendar in force says. */
export async function calendarInForce(name: string, { since, until, at }: Asked): Promise<CalendarAnswer> {
  const query = new URLSearchParams({ since, until, ...(at ? { at } : {}) });
  return (await request("GET", `/api/calendars/${encodeURIComponent(name)}?${query}`)) as CalendarAnswer;
}

/** What it would say, written so; an ApiError with its mistakes. */
export async function calendarTried(calendar: CalendarEntry, asked: Asked): Promise<CalendarAnswer> {
  return (await request("POST", "/api/settings/calendars/check", { calendar, ...asked })) as CalendarAnswer;
}

/** "09:00-12:00, 13:30-18:00" as the settings write it; the server says whether these are hours. */
export const spansIn = (text: string): string[] => text.split(/[\s,;\uff0c\u3001\uff1b]+/).filter(Boolean);

/** `{mon-fri: [...]}` by single weekdays. */
export function weekOf(weekly: Record<string, string[]>): Record<Weekday, string[]> {
  const hours = (day: number): string[] => {
    const found = Object.entries(weekly).find(([days]) => {
      const [first, last = first] = days.split("-").map((name) => WEEKDAYS.indexOf(name as Weekday));
      return first! <= day && day <= last!;
    });
    return found?.[1] ?? [];
  };
  return Object.fromEntries(WEEKDAYS.map((name, day) => [name, hours(day)])) as Record<Weekday, string[]>;
}

/** The same as people write it: neighbours with the same hours together, closed days not at all. */
export function weeklyOf(week: Record<Weekday, string[]>): Record<string, string[]> {
  const runs: { first: Weekday; last: Weekday; hours: string[] }[] = [];
  for (const day of WEEKDAYS) {
    const before = runs.at(-1);
    if (before?.hours.join() === week[day].join()) before.last = day;
    else runs.push({ first: day, last: day, hours: week[day] });
  }
  const open = runs.filter(({ hours }) => hours.length);
  return Object.fromEntries(open.map(({ first, last, hours }) => [first === last ? first : `${first}-${last}`, hours]));
}

/** A holiday as the settings write it: a day, or the first and the last. */
export const rangeOf = (first: string, last: string): string => (!last || last === first ? first : `${first}..${last}`);

/** By months; `blank` days of a week that begins on Monday come before the first. */
export function monthsOf(days: readonly CalendarDay[]): { month: string; blank: number; days: CalendarDay[] }[] {
  const months = [...new Set(days.map(({ day }) => day.slice(0, 7)))];
  return months.map((month) => {
    const own = days.filter(({ day }) => day.startsWith(month));
    return { month, blank: (new Date(`${own[0]!.day}T00:00:00Z`).getUTCDay() + 6) % 7, days: own };
  });
}
