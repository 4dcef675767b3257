/** Queues as the settings write them (QueueSection of callcenter/settings/model.py), and the fields of their form. */

export interface SkillNeed {
  level?: number;
  weight?: number;
}

export interface Overflow {
  to: string;
  queue?: string;
  number?: string;
}

export interface QueueEntry {
  title: string;
  category: string;
  skills?: Record<string, number | SkillNeed>;
  groups?: string[];
  steps?: unknown[];
  overflow?: Record<string, Overflow>;
  call_back?: Record<string, number | string> | null;
  [field: string]: unknown;
}

/** The order of acd.strategies.STRATEGIES. */
export const STRATEGIES = [
  "longest_idle",
  "least_occupied",
  "fewest_calls",
  "least_talk_time",
  "round_robin",
  "ordered",
  "most_skilled",
  "least_skilled",
  "weighted_random",
  "ring_all",
  "ring_progressively",
] as const;
export const REASONS = ["timeout", "full", "no_agent", "not_ready", "expected_wait", "closed"] as const;
export const TARGETS = ["queue", "flow", "outside", "call_back", "hang_up"] as const;

export interface NumberField {
  key: string;
  min: number;
  max: number;
}

const field = (key: string, min: number, max: number): NumberField => ({ key, min, max });

export const PATIENCE = field("preferred_patience_sec", 0, 3600);

/** The numbers of the form by the group in which they stand. */
export const NUMBERS = {
  basics: [field("priority", -100, 100), field("answer_within_sec", 1, 3600)],
  ringing: [
    field("ring_timeout_sec", 3, 120),
    field("unanswered_limit", 0, 100),
    field("retry_delay_sec", 0, 600),
    field("declined_delay_sec", 0, 600),
    field("busy_delay_sec", 0, 600),
    field("unreachable_delay_sec", 0, 600),
  ],
  wrap_up: [field("wrap_up_sec", 0, 3600), field("wrap_up_min_sec", 0, 3600), field("wrap_up_max_sec", 0, 14400)],
  waiting: [
    field("max_wait_sec", 1, 86400),
    field("max_waiting", 0, 10000),
    field("max_expected_wait_sec", 1, 86400),
    field("ageing_sec_per_priority", 1, 86400),
    field("short_abandon_sec", 0, 3600),
    field("resume_within_sec", 0, 3600),
  ],
} as const;
export const CALL_BACK = [field("ring_sec", 5, 120), field("attempts", 1, 20), field("retry_sec", 10, 86400), field("within_sec", 60, 604800)] as const;

export function levelOf(need: number | SkillNeed | undefined): number {
  return typeof need === "object" ? (need.level ?? 1) : (need ?? 0);
}

/** The same need at another level; a weight stays, level 0 is no need. */
export function atLevel(need: number | SkillNeed | undefined, level: number): number | SkillNeed | undefined {
  if (level === 0) return undefined;
  return typeof need === "object" ? { ...need, level } : level;
}

/** The entry without what says nothing: the file stays as short as people would write it. */
export function tidied(entry: QueueEntry): QueueEntry {
  const says = (value: unknown): boolean =>
    value !== undefined && value !== null && value !== "" && !(typeof value === "object" && !("to" in value) && Object.keys(value).length === 0);
  const { call_back, ...rest } = entry;
  const kept = Object.fromEntries(Object.entries(rest).filter(([, value]) => says(value))) as QueueEntry;
  return call_back ? { ...kept, call_back } : kept;
}
