/** Requests to the centre; every error is an ApiError that says what, where and what to do. */

import type { AgentAction, CallDetail, DecisionsAnswer, DecisionsRequest, LoginAnswer, MeAnswer } from "./wire";
import type { Problem, SearchAnswer, Viewer } from "./wire";

let csrfToken = "";

export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.what);
  }
}

/** Ask the centre. Raises ApiError. */
export async function request(method: "GET" | "POST", path: string, body?: object): Promise<unknown> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = csrfToken;
  if (body) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  } catch {
    throw new ApiError({ status: 0, code: "unreachable", what: "The centre cannot be reached.", where: path, cure: "" });
  }
  const text = await response.text();
  if (response.ok) return text ? JSON.parse(text) : null;
  throw new ApiError(parseProblem(text, response.status, path));
}

function parseProblem(text: string, status: number, path: string): Problem {
  try {
    return JSON.parse(text) as Problem;
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

export async function login(name: string, password: string): Promise<Viewer> {
  const answer = (await request("POST", "/api/login", { name, password, client: "page" })) as LoginAnswer;
  csrfToken = answer.csrf_token;
  return answer.viewer;
}

export async function logout(): Promise<void> {
  await request("POST", "/api/logout");
}

export async function agentAction(agentId: string, action: AgentAction, body?: object): Promise<void> {
  await request("POST", `/api/agents/${encodeURIComponent(agentId)}/${action}`, body);
}

/** A call of the record. */
export async function callOf(callId: string): Promise<CallDetail> {
  return (await request("GET", `/api/calls/${encodeURIComponent(callId)}`)) as CallDetail;
}

/** How the call was routed, in words of this language. */
export async function decisionsOf(callId: string, lang: DecisionsRequest["lang"]): Promise<DecisionsAnswer> {
  return (await request("GET", `/api/calls/${encodeURIComponent(callId)}/decisions?lang=${lang}`)) as DecisionsAnswer;
}

/** Where these words were said. */
export async function searchTranscripts(words: string): Promise<SearchAnswer> {
  return (await request("GET", `/api/search?q=${encodeURIComponent(words)}`)) as SearchAnswer;
}
