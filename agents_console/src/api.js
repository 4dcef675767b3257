// @ts-check
/** Requests to the centre; every error is an ApiError that says what, where and what to do. */

let csrfToken = "";

export class ApiError extends Error {
  /** @param {import("./wire").Problem} problem */
  constructor(problem) {
    super(problem.what);
    this.problem = problem;
  }
}

/** @param {string} method
 *  @param {string} path
 *  @param {object} [body]
 *  @returns {Promise<unknown>} */
async function request(method, path, body) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = csrfToken;
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  } catch {
    throw new ApiError({ status: 0, code: "unreachable", what: "The centre cannot be reached.", where: path, cure: "" });
  }
  const text = await response.text();
  if (response.ok) return text ? JSON.parse(text) : null;
  throw new ApiError(parseProblem(text, response.status, path));
}

/** @param {string} text
 *  @param {number} status
 *  @param {string} path
 *  @returns {import("./wire").Problem} */
function parseProblem(text, status, path) {
  try {
    return JSON.parse(text);
  } catch {
    return { status, code: "http_error", what: `HTTP ${status}`, where: path, cure: "" };
  }
}

/** Who is logged in, or null.
 *  @returns {Promise<import("./wire").Viewer | null>} */
export async function me() {
  try {
    const answer = /** @type {import("./wire").MeAnswer} */ (await request("GET", "/api/me"));
    csrfToken = answer.csrf_token;
    return answer.viewer;
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 401) return null;
    throw error;
  }
}

/** @param {string} name
 *  @param {string} password */
export async function login(name, password) {
  const answer = await request("POST", "/api/login", { name, password, client: "page" });
  csrfToken = /** @type {import("./wire").LoginAnswer} */ (answer).csrf_token;
}

export async function logout() {
  await request("POST", "/api/logout");
}

/** @param {string} agentId
 *  @param {import("./wire").AgentAction} action
 *  @param {object} [body] */
export async function agentAction(agentId, action, body) {
  await request("POST", `/api/agents/${encodeURIComponent(agentId)}/${action}`, body);
}
