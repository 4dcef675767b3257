/** What is looked after from day to day, as the server tells it. */

import { request } from "../api";
import type { CallerListAnswer, CallerListResult, CallerListResults, CallerListRow, CallerListRows } from "../wire";
import type { HealthReport, NewCallerListEntry, TrunksAnswer } from "../wire";

export async function healthReport(): Promise<HealthReport> {
  return (await request("GET", "/api/health")) as HealthReport;
}

export async function trunks(): Promise<TrunksAnswer> {
  return (await request("GET", "/api/trunks")) as TrunksAnswer;
}

const LISTS = "/api/caller-lists";
const asQuery = (list: string, search: string): URLSearchParams =>
  new URLSearchParams(Object.entries({ list, search: search.trim() }).filter(([, value]) => value));

/** The entries of a list (empty: of all), or those that words are about: the first `limit` of them. */
export async function callerLists(list: string, search: string, limit: number): Promise<CallerListAnswer> {
  const query = asQuery(list, search);
  query.set("limit", String(limit));
  return (await request("GET", `${LISTS}?${query}`)) as CallerListAnswer;
}

/** Where the same lie as a file. */
export const callerListFile = (list: string, search: string): string => `${LISTS}/export?${asQuery(list, search)}`;

/** Add the entry, or change the one of the same number. */
export async function addCaller(entry: NewCallerListEntry): Promise<CallerListResult> {
  return ((await request("POST", LISTS, { entries: [entry] })) as CallerListResults).results[0]!;
}

export async function removeCaller(entryId: string): Promise<void> {
  await request("POST", `${LISTS}/${encodeURIComponent(entryId)}/remove`, {});
}

/** What becomes of each row of a CSV file, or (`dryRun`) would. */
export async function importCallers(csv: string, dryRun: boolean): Promise<CallerListRow[]> {
  return ((await request("POST", `${LISTS}/import`, { csv, dry_run: dryRun })) as CallerListRows).rows;
}
