/** What is looked after from day to day, as the server tells it. */

import { request } from "../api";
import type { HealthReport, TrunksAnswer } from "../wire";

export async function healthReport(): Promise<HealthReport> {
  return (await request("GET", "/api/health")) as HealthReport;
}

export async function trunks(): Promise<TrunksAnswer> {
  return (await request("GET", "/api/trunks")) as TrunksAnswer;
}
