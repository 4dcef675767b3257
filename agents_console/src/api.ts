/** Requests to the centre; every error is an ApiError that says what, where and what to do. */

import type { AgentAction, CallDetail, CallsAnswer, CallTicketAnswer, DecisionsAnswer, DecisionsRequest } from "./wire";
import type { FigureCallsAnswer, FigureDayAnswer, Kpi, KpiAnswer, LifeAnswer, LoginAnswer, MeAnswer, MissedCallsAnswer } from "./wire";
import type { PopRequest, Problem, ReportAnswer, ScreenPop } from "./wire";
import type { SoftphoneAnswer, SoftphoneRequest, SoftphoneState } from "./wire";
import type { LoginRequest, TicketWriteRequest, Viewer, WaveformAnswer, WidgetAnswer } from "./wire";

let csrfToken = "";

type Told = Partial<Problem> & Pick<Problem, "status" | "code" | "what" | "where" | "cure">;

export class ApiError extends Error {
  readonly problem: Problem;

  /** What a problem does not tell is empty. */
  constructor(told: Told) {
    super(told.what);
    this.problem = { mistakes: [], changed_by: "", changed_at: null, ...told };
  }
}

/** Ask the centre; what is no Blob is sent as JSON. Raises ApiError. */
export async function request(method: "GET" | "POST", path: string, body?: object): Promise<unknown> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = csrfToken;
  const bytes = body instanceof Blob;
  if (body) headers["Content-Type"] = bytes ? "application/octet-stream" : "application/json";
  let response: Response;
  try {
    response = await fetch(path, { method, headers, ...(body ? { body: bytes ? body : JSON.stringify(body) } : {}) });
  } catch {
    throw new ApiError({ status: 0, code: "unreachable", what: "The centre cannot be reached.", where: path, cure: "" });
  }
  const text = await response.text();
  if (response.ok) return text ? JSON.parse(text) : null;
  throw new ApiError(parseProblem(text, response.status, path));
}

function parseProblem(text: string, status: number, path: string): Told {
  try {
    return JSON.parse(text) as Told;
  } catch {
    return { status, code: "http_error", what: `HTTP ${status}`, where: path, cure: "" };
  }
}

/** Who is logged in, or null. */
export async function me(): Promise<Viewer | null> {
  try {
    const answer = (await request("GET", "/api/me")) as MeAnswer;
    csrfToken = answer.csrf_token;
    return answer.viewer;
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 401) return null;
    throw error;
  }
}

export async function login(name: string, password: string, client: LoginRequest["client"]): Promise<Viewer> {
  const answer = (await request("POST", "/api/login", { name, password, client })) as LoginAnswer;
  csrfToken = answer.csrf_token;
  return answer.viewer;
}

export async function logout(): Promise<void> {
  await request("POST", "/api/logout");
}

/** All other sessions of the person end. */
export async function changeOwnPassword(old: string, fresh: string): Promise<void> {
  await request("POST", "/api/me/password", { old, new: fresh });
}

export async function agentAction(agentId: string, action: AgentAction, body?: object): Promise<void> {
  await request("POST", `/api/agents/${encodeURIComponent(agentId)}/${action}`, body);
}

/** The origins whose pages may have the widget. */
export async function widgetOrigins(): Promise<readonly string[]> {
  return ((await request("GET", "/api/widget")) as WidgetAnswer).origins;
}

/** Credentials for the agent's telephone in this page; `restarted`: the page has only just been opened. */
export async function softphone(agentId: string, restarted: boolean): Promise<SoftphoneAnswer> {
  const body: SoftphoneRequest = { restarted };
  return (await request("POST", `/api/agents/${encodeURIComponent(agentId)}/softphone`, body)) as SoftphoneAnswer;
}

/** Which credentials of the agent's telephone are good. */
export async function softphoneState(agentId: string): Promise<SoftphoneState> {
  return (await request("GET", `/api/agents/${encodeURIComponent(agentId)}/softphone`)) as SoftphoneState;
}

/** Callers who hung up while waiting, and with whom nobody has talked since. */
export async function missedCalls(): Promise<MissedCallsAnswer> {
  return (await request("GET", "/api/missed-calls")) as MissedCallsAnswer;
}

/** What a deed asks of the centre. Raises ApiError. */
export async function post(path: string, body: object): Promise<void> {
  await request("POST", path, body);
}

/** A call of the record. */
export async function callOf(callId: string): Promise<CallDetail> {
  return (await request("GET", `/api/calls/${encodeURIComponent(callId)}`)) as CallDetail;
}

/** How the call was routed, in words of this language. */
export async function decisionsOf(callId: string, lang: DecisionsRequest["lang"]): Promise<DecisionsAnswer> {
  return (await request("GET", `/api/calls/${encodeURIComponent(callId)}/decisions?lang=${lang}`)) as DecisionsAnswer;
}

/** The call over time. */
export async function lifeOf(callId: string): Promise<LifeAnswer> {
  return (await request("GET", `/api/calls/${encodeURIComponent(callId)}/life`)) as LifeAnswer;
}

/** The shape of its sound. */
export async function waveformOf(callId: string): Promise<WaveformAnswer> {
  return (await request("GET", `/api/calls/${encodeURIComponent(callId)}/waveform`)) as WaveformAnswer;
}

/** Calls of the record (CallsRequest), newest first. */
export async function callsOf(asked: URLSearchParams): Promise<CallsAnswer> {
  return (await request("GET", `/api/calls?${asked}`)) as CallsAnswer;
}

/** The figures over a time (ReportRequest). */
export async function reportOf(asked: URLSearchParams): Promise<ReportAnswer> {
  return (await request("GET", `/api/reports?${asked}`)) as ReportAnswer;
}

/** Where the same lies as a file. */
export function reportFile(asked: URLSearchParams, format: "csv" | "xlsx", lang: "zh" | "en"): string {
  return `/api/reports/export?${asked}&format=${format}&lang=${lang}`;
}

const ofCall = (callId: string, what: string) => `/api/calls/${encodeURIComponent(callId)}/${what}`;

/** What is known of a call at its first ring. */
export async function screenPop(callId: string, lang: PopRequest["lang"]): Promise<ScreenPop> {
  return (await request("GET", ofCall(callId, `pop?lang=${lang}`))) as ScreenPop;
}

export async function callTicket(callId: string): Promise<CallTicketAnswer> {
  return (await request("GET", ofCall(callId, "ticket"))) as CallTicketAnswer;
}

export async function writeTicket(callId: string, write: TicketWriteRequest): Promise<CallTicketAnswer> {
  return (await request("POST", ofCall(callId, "ticket"), write)) as CallTicketAnswer;
}

/** The figures of the agent's day. */
export async function dayOf(agentId: string): Promise<Kpi[]> {
  return ((await request("GET", `/api/agents/${encodeURIComponent(agentId)}/day`)) as KpiAnswer).kpi;
}

/** The calls that a number of today counts (FigureCallsRequest), newest first. */
export async function countedCalls(asked: URLSearchParams): Promise<FigureCallsAnswer> {
  return (await request("GET", `/api/figures/calls?${asked}`)) as FigureCallsAnswer;
}

/** The course of today, of a queue or of all. */
export async function dayOfFigures(scope: string, minutes: "15" | "30"): Promise<FigureDayAnswer> {
  return (await request("GET", `/api/figures/day?${new URLSearchParams({ scope, minutes })}`)) as FigureDayAnswer;
}
