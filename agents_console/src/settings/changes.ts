/** What people changed, found by comparing; and the same changes made upon something else. */

import type { Change, Step } from "./api";

export type Entries<T = unknown> = Record<string, T>;

export const copied = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T));

function isEntries(value: unknown): value is Entries {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is left out and what is empty say the same. */
function isNothing(value: unknown): boolean {
  return value == null || (typeof value === "object" && Object.keys(value).length === 0);
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The changes that make `draft` of `base`: what goes comes first. Lists are exchanged whole. */
export function changesBetween(base: unknown, draft: unknown, path: Step[] = []): Change[] {
  if (isNothing(base) && isNothing(draft)) return [];
  if (isEntries(base) && isEntries(draft) && path.length < 12) {
    const gone = Object.keys(base).filter((key) => draft[key] === undefined && base[key] !== undefined);
    const left = Object.keys(draft).filter((key) => draft[key] !== undefined);
    return [
      ...gone.map((key): Change => ({ path: [...path, key], remove: true })),
      ...left.flatMap((key) => changesBetween(base[key], draft[key], [...path, key])),
    ];
  }
  return same(base, draft) ? [] : [{ path, value: draft }];
}

/** What stands there. */
export function valueAt(data: unknown, path: readonly Step[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Entries | null | undefined)?.[step], data);
}

/** Make these changes upon this data, as far as they have a place there. */
export function made(data: Entries, changes: readonly Change[]): void {
  for (const change of changes) {
    const last = String(change.path.at(-1));
    if ("rename" in change) {
      renameSkillOrKey(data, change.path, change.rename);
      continue;
    }
    let holder: Entries = data;
    for (const step of change.path.slice(0, -1)) holder = (holder[step] ??= {}) as Entries;
    if ("remove" in change) delete holder[last];
    else holder[last] = copied(change.value);
  }
}

/** The entry has another name, at its place; a skill also where agents and queues name it. */
export function renameSkillOrKey(data: Entries, path: readonly Step[], name: string): void {
  const [section, old] = path.map(String) as [string, string];
  const renamed = (holder: unknown, key: string): void => {
    const entries = valueAt(holder, [key]);
    if (!isEntries(entries) || !(old in entries)) return;
    const pairs = Object.entries(entries).map(([one, value]) => [one === old ? name : one, value] as const);
    (holder as Entries)[key] = Object.fromEntries(pairs);
  };
  renamed(data, section);
  if (section !== "skills") return;
  for (const holder of ["agents", "queues"]) {
    for (const entry of Object.values((data[holder] as Entries | null) ?? {})) {
      renamed(entry, "skills");
      for (const step of (valueAt(entry, ["steps"]) as Entries[] | undefined) ?? []) {
        renamed(step, "lower");
        const { drop } = step;
        if (Array.isArray(drop)) step["drop"] = drop.map((one) => (one === old ? name : one));
      }
    }
  }
}
