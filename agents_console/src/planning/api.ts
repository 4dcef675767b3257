/** What planning asks of the centre. Every call raises ApiError. */

import { request } from "../api";
import type { PlanningBasis, PlanningJob, StaffingRequest, WhatIfRequest } from "../wire";

const jobs = (jobId: string, what = "") => `/api/planning/jobs/${encodeURIComponent(jobId)}${what}`;

export async function basisOf(): Promise<PlanningBasis> {
  return (await request("GET", "/api/planning/basis")) as PlanningBasis;
}

export async function askStaffing(asked: StaffingRequest): Promise<PlanningJob> {
  return (await request("POST", "/api/planning/staffing", asked)) as PlanningJob;
}

export async function askWhatIf(asked: WhatIfRequest): Promise<PlanningJob> {
  return (await request("POST", "/api/planning/what-if", asked)) as PlanningJob;
}

export async function jobOf(jobId: string): Promise<PlanningJob> {
  return (await request("GET", jobs(jobId))) as PlanningJob;
}

export async function cancelJob(jobId: string): Promise<PlanningJob> {
  return (await request("POST", jobs(jobId, "/cancel"))) as PlanningJob;
}
