/** Users and the audit log, as the server keeps them. */

import { request } from "../api";
import type { AuditAnswer, AuditCheckAnswer, AuditDeed, NewUser, UserAnswer, UserFields } from "../wire";
import type { UserImportResults, UsersAnswer } from "../wire";

const pathOf = (name: string, deed = ""): string => `/api/users/${encodeURIComponent(name)}${deed}`;

/** All users, or those whom nobody has logged in as for so many days. */
export async function users(dormantDays?: number): Promise<UsersAnswer> {
  const path = dormantDays ? `/api/users?dormant_days=${dormantDays}` : "/api/users";
  return (await request("GET", path)) as UsersAnswer;
}

export async function addUser(user: NewUser): Promise<UserAnswer> {
  return (await request("POST", "/api/users", user)) as UserAnswer;
}

export async function changeUser(name: string, fields: UserFields): Promise<UserAnswer> {
  return (await request("POST", pathOf(name), fields)) as UserAnswer;
}

/** Another password; an empty one is made by the server and told in the answer. */
export async function setPassword(name: string, password: string): Promise<UserAnswer> {
  return (await request("POST", pathOf(name, "/password"), { password })) as UserAnswer;
}

export async function unlock(name: string): Promise<UserAnswer> {
  return (await request("POST", pathOf(name, "/unlock"), {})) as UserAnswer;
}

export async function importUsers(csv: string): Promise<UserImportResults> {
  return (await request("POST", "/api/users/import", { csv })) as UserImportResults;
}

/** What is looked for in the audit log; days are those where the page is looked at. */
export interface AuditSearch {
  user: string;
  deed: AuditDeed | "";
  what: string;
  from: string;
  to: string;
}

export const EVERYTHING: AuditSearch = { user: "", deed: "", what: "", from: "", to: "" };

/** The query of a search: what is empty is left out, the last day is in it. */
export function queryOf({ user, deed, what, from, to }: AuditSearch): URLSearchParams {
  const asked = { user: user.trim(), deed, what: what.trim(), since: from && midnight(from), until: to && midnight(to, 1) };
  return new URLSearchParams(Object.entries(asked).filter(([, value]) => value));
}

function midnight(day: string, later = 0): string {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year!, month! - 1, date! + later).toISOString();
}

export async function audit(search: AuditSearch, before: number | null): Promise<AuditAnswer> {
  const query = queryOf(search);
  if (before !== null) query.set("before", String(before));
  return (await request("GET", `/api/audit?${query}`)) as AuditAnswer;
}

export async function auditCheck(): Promise<AuditCheckAnswer> {
  return (await request("GET", "/api/audit/check")) as AuditCheckAnswer;
}
