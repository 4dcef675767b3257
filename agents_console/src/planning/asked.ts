/** What planning is asked: as the forms have it, as the address keeps it, and as the server is asked. Every number
 *  is text as it was typed; empty: what the queue or the past says. */

import type { PlanningBasis, QueueTrial, ShiftGroup, StaffingRequest, WhatIfRequest } from "../wire";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export const INTERVALS = ["15", "30", "60"] as const;

export interface StaffingForm {
  of: "past" | "given";
  from: string;
  to: string;
  arrivals: string;
  queue: string;
  interval: (typeof INTERVALS)[number];
  target: string;
  level: string;
  answered: string;
  occupancy: string;
  shrinkage: string;
  handle: string;
  callers: "past" | "own" | "never";
  patience: string;
  runs: string;
  seed: string;
}

export const TRIALS = ["answer_within_sec", "max_wait_sec", "max_waiting", "ring_timeout_sec", "wrap_up_max_sec", "priority"] as const;

export interface QueueForm extends Record<(typeof TRIALS)[number], string> {
  queue: string;
  strategy: string;
}

export interface SkillForm {
  agent: string;
  skill: string;
  /** 1 to 10; 0: the agent has it no longer. */
  level: string;
}

export interface ShiftForm {
  count: string;
  begins: string;
  ends: string;
  like: string;
}

export interface WhatIfForm {
  from: string;
  to: string;
  choice: string;
  queues: QueueForm[];
  skills: SkillForm[];
  absent: string[];
  shifts: ShiftForm[];
  allNew: boolean;
  runs: string;
  seed: string;
}

export const anyQueue = (queue: string): QueueForm => ({
  queue,
  strategy: "",
  answer_within_sec: "",
  max_wait_sec: "",
  max_waiting: "",
  ring_timeout_sec: "",
  wrap_up_max_sec: "",
  priority: "",
});
export const anyShift = (): ShiftForm => ({ count: "2", begins: "09:00", ends: "18:00", like: "" });

/** What the forms begin with: the weeks of the basis; the last whole day of them. */
export function firstStaffing(basis: PlanningBasis): StaffingForm {
  return {
    of: "past",
    from: dayIn(basis.since_at, basis.time_zone),
    to: dayIn(new Date(Date.parse(basis.until_at) - 1).toISOString(), basis.time_zone),
    arrivals: "",
    queue: "",
    interval: "30",
    target: "",
    level: "",
    answered: "",
    occupancy: "85",
    shrinkage: "20",
    handle: "",
    callers: "past",
    patience: "60",
    runs: "20",
    seed: "1",
  };
}

export function firstWhatIf(basis: PlanningBasis): WhatIfForm {
  const day = dayIn(new Date(Date.parse(basis.until_at) - 1).toISOString(), basis.time_zone);
  return { from: `${day}T00:00`, to: `${dayIn(basis.until_at, basis.time_zone)}T00:00`, choice: "", queues: [], skills: [], absent: [], shifts: [], allNew: false, runs: "20", seed: "1" };
}

/** The form for the address: what differs from its beginning, as one text. */
export function kept<Form extends object>(form: Form, first: Form): Record<string, string> {
  const own = Object.entries(form).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(first[name as keyof Form]));
  return own.length ? { ask: JSON.stringify(Object.fromEntries(own)) } : {};
}

/** The form of an address; what it does not know, or has in another shape, is as in `first`. */
export function restored<Form extends object>(ask: unknown, first: Form): Form {
  let told: unknown = null;
  try {
    told = JSON.parse(typeof ask === "string" ? ask : "null");
  } catch {
    // An address that somebody has cut short: the form begins anew.
  }
  const anew = structuredClone(first);
  if (typeof told !== "object" || told === null) return anew;
  const shape = (value: unknown) => (Array.isArray(value) ? "list" : typeof value);
  const known = Object.entries(told).filter(([name, value]) => name in first && shape(value) === shape(first[name as keyof Form]));
  return { ...anew, ...Object.fromEntries(known) };
}

const number = (text: string): number | null => (text.trim() === "" || Number.isNaN(Number(text)) ? null : Number(text));
const share = (text: string): number | null => {
  const percent = number(text);
  return percent === null ? null : percent / 100;
};

export function staffingAsked(form: StaffingForm, zone: string): StaffingRequest {
  const past = form.of === "past";
  return {
    since: past ? instantIn(`${form.from}T00:00`, zone) : null,
    until: past ? instantIn(`${dayAfter(form.to)}T00:00`, zone) : null,
    arrivals: past ? null : form.arrivals,
    queue: form.queue || null,
    interval_min: Number(form.interval) as StaffingRequest["interval_min"],
    handle_s: number(form.handle),
    target_s: number(form.target),
    level: share(form.level),
    answer_rate: share(form.answered),
    gives_up: form.callers !== "never",
    patience_s: form.callers === "own" ? number(form.patience) : null,
    max_occupancy: share(form.occupancy) ?? 1,
    shrinkage: share(form.shrinkage) ?? 0,
    replications: number(form.runs) ?? 20,
    seed: number(form.seed) ?? 1,
  };
}

/** The agents' skills as they would be, of those who would have others. */
function skillsOf(form: WhatIfForm, basis: PlanningBasis): Record<string, Record<string, number>> {
  const changed: Record<string, Record<string, number>> = {};
  for (const { agent, skill, level } of form.skills) {
    if (!agent || !skill || number(level) === null) continue;
    const skills = (changed[agent] ??= { ...basis.agents.find(({ agent_id }) => agent_id === agent)?.skills });
    if (Number(level) === 0) delete skills[skill];
    else skills[skill] = Number(level);
  }
  return changed;
}

export function whatIfAsked(form: WhatIfForm, basis: PlanningBasis): WhatIfRequest {
  const trial = (asked: QueueForm): QueueTrial => ({
    ...(Object.fromEntries(TRIALS.map((name) => [name, number(asked[name])])) as Record<(typeof TRIALS)[number], number | null>),
    strategy: asked.strategy || null,
    skills: null,
  });
  const shift = ({ count, begins, ends, like }: ShiftForm): ShiftGroup => ({ count: number(count) ?? 1, begins: begins || "00:00", ends: ends || "00:00", like: like || null });
  return {
    since: instantIn(form.from, basis.time_zone),
    until: instantIn(form.to, basis.time_zone),
    queues: Object.fromEntries(form.queues.filter(({ queue }) => queue).map((asked) => [asked.queue, trial(asked)])),
    call_choice: form.choice || null,
    skills: skillsOf(form, basis),
    absent: form.allNew ? [] : form.absent,
    shifts: form.shifts.map(shift),
    all_new: form.allNew,
    replications: number(form.runs) ?? 20,
    seed: number(form.seed) ?? 1,
  };
}

// --- the centre's wall clock -------------------------------------------------------------------------------

function partsIn(at: number, zone: string): Record<string, string> {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
}

/** The day of an instant there, as 2026-11-22. */
export function dayIn(at: string, zone: string): string {
  const { year, month, day } = partsIn(Date.parse(at), zone);
  return `${year}-${month}-${day}`;
}

/** The day after; what is no day stays as it is. */
function dayAfter(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? day : new Date(at + 86_400_000).toISOString().slice(0, 10);
}

/** The instant at which clocks there show this (2026-11-22T08:00); what is no time stays as it is. */
export function instantIn(local: string, zone: string): string {
  const shown = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(local) ? Date.parse(`${local}:00Z`) : NaN;
  if (Number.isNaN(shown)) return local;
  // Twice, for the offset may change between the first guess and the instant itself.
  let at = shown;
  for (let turn = 0; turn < 2; turn += 1) {
    const { year, month, day, hour, minute } = partsIn(at, zone);
    at += shown - Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00Z`);
  }
  return new Date(at).toISOString();
}
