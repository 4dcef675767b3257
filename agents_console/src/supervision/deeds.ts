/** What a supervisor can do about a call, an agent or a queue: what it asks for, and the request that it becomes. */

import type { Choice, Question } from "../desk/questions";
import type { Picture } from "../live/picture";
import type { Agent, AgentAction, Call, CallAction, Queue, SupervisionMode } from "../wire";
import type { WordKey } from "../words";

export interface Request {
  path: string;
  body: object;
}

/** One entry of a menu. */
export interface Deed {
  key: string;
  words: WordKey;
  /** One value is asked for first. */
  question?: Question;
  /** Levels of skills are asked for first; `answer` has them as JSON. */
  skills?: Readonly<Record<string, number>>;
  /** Cannot be taken back: asked about once more. */
  severe?: true;
  request(answer: string): Request;
}

const LAST_PHONE = "supervision_phone";
const MODES: readonly CallAction[] = ["listen", "whisper", "barge", "take_over"];
const FORCED: readonly AgentAction[] = ["ready", "pause", "logout"];
const HIGHEST_PRIORITY = 100;
const LONGEST_NOTE = 500;

/** Takes part in the call, which the deed itself says of a call that goes on. */
export function isMode(action: CallAction): action is SupervisionMode {
  return MODES.includes(action);
}

export function deedsOfCall(call: Call, picture: Picture): Deed[] {
  const own = picture.agent.get(picture.viewer.agent_id ?? "");
  const mine = call.allowed_actions.filter((action) => action !== "take_over" || own !== undefined);
  return mine.map((action) => deedOfCall(action, call, picture, own));
}

/** What the server allows to be done in the agent's place, a note, and what goes for the agent's call. */
export function deedsOfAgent(agent: Agent, call: Call | undefined, picture: Picture): Deed[] {
  const forced = FORCED.filter((action) => agent.allowed_actions.includes(action)).map((action) => forcedDeed(action, agent, picture));
  const note: Deed = {
    key: "note",
    words: "deed.note",
    question: { label: "deed.note.text", wrong: "deed.note.wrong", first: "", choices: [], longest: LONGEST_NOTE },
    request: (text) => ({ path: `/api/agents/${encodeURIComponent(agent.agent_id)}/notes`, body: { text: text.trim() } }),
  };
  const notes = agent.presence === "logged_out" ? [] : [note];
  const live = call && call.agent_id === agent.agent_id ? deedsOfCall(call, picture).filter(({ key }) => key !== "hang_up") : [];
  return [...live, ...forced, ...notes];
}

export function deedsOfQueue(queue: Queue): Deed[] {
  const path = `/api/queues/${encodeURIComponent(queue.name)}`;
  return queue.is_open
    ? [{ key: "close", words: "deed.close", severe: true, request: () => ({ path: `${path}/close`, body: {} }) }]
    : [{ key: "open", words: "deed.open", request: () => ({ path: `${path}/open`, body: {} }) }];
}

function deedOfCall(action: CallAction, call: Call, picture: Picture, own: Agent | undefined): Deed {
  const path = `/api/calls/${encodeURIComponent(call.call_id)}`;
  const deed = { key: action, words: `deed.${action}` as const };
  if (isMode(action)) {
    const known = call.supervision !== null || (own && own.presence !== "logged_out");
    const request = (phone: string): Request => {
      if (phone) localStorage.setItem(LAST_PHONE, phone);
      return { path: `${path}/supervision`, body: { mode: action, phone: phone.trim() || null } };
    };
    return known || action === "take_over" ? { ...deed, request } : { ...deed, question: phoneQuestion(), request };
  }
  switch (action) {
    case "stop":
      return { ...deed, request: () => ({ path: `${path}/supervision/stop`, body: {} }) };
    case "pick":
      return {
        ...deed,
        question: { label: "deed.pick.agent", wrong: "ask.choose", first: "", choices: readyAgents(picture) },
        request: (agent_id) => ({ path: `${path}/pick`, body: { agent_id } }),
      };
    case "priority":
      return {
        ...deed,
        question: {
          label: "deed.priority.value",
          wrong: "deed.priority.wrong",
          first: String(call.priority),
          choices: [],
          smallest: -HIGHEST_PRIORITY,
          largest: HIGHEST_PRIORITY,
        },
        request: (priority) => ({ path: `${path}/waiting`, body: { priority: Number(priority) } }),
      };
    case "skills":
      return {
        ...deed,
        skills: call.skills,
        request: (levels) => ({ path: `${path}/waiting`, body: { skills: JSON.parse(levels) as object } }),
      };
    case "move":
      return {
        ...deed,
        question: { label: "deed.move.queue", wrong: "ask.choose", first: "", choices: otherQueues(call, picture) },
        request: (queue) => ({ path: `${path}/move`, body: { queue } }),
      };
    case "hang_up":
      return { ...deed, severe: true, request: () => ({ path: `${path}/hang-up`, body: {} }) };
  }
}

function forcedDeed(action: AgentAction, agent: Agent, picture: Picture): Deed {
  const path = `/api/agents/${encodeURIComponent(agent.agent_id)}/${action}`;
  if (action === "pause") {
    const choices = picture.pauseReasons.map((value) => ({ value, text: value, key: `reason.${value}` }));
    return {
      key: action,
      words: "deed.force.pause",
      question: { label: "ask.reason", wrong: "ask.choose", first: choices[0]?.value ?? "", choices },
      request: (reason) => ({ path, body: { reason } }),
    };
  }
  const severe = action === "logout" ? ({ severe: true } as const) : {};
  return { key: action, words: `deed.force.${action as "ready" | "logout"}`, ...severe, request: () => ({ path, body: {} }) };
}

function phoneQuestion(): Question {
  return { label: "ask.phone", wrong: "ask.phone.wrong", first: localStorage.getItem(LAST_PHONE) ?? "", choices: [] };
}

function readyAgents(picture: Picture): Choice[] {
  return [...picture.agent.values()]
    .filter(({ presence }) => presence === "ready")
    .map(({ agent_id, name, presence }) => ({ value: agent_id, text: `${name} ${agent_id}`, presence }));
}

function otherQueues(call: Call, picture: Picture): Choice[] {
  return [...picture.queue.values()]
    .filter(({ name, is_open }) => is_open && name !== call.queue)
    .map(({ name, title }) => ({ value: name, text: title }));
}

/** Every skill that some agent has. */
export function knownSkills(agents: Iterable<Agent>): string[] {
  return [...new Set([...agents].flatMap(({ skills }) => Object.keys(skills)))].sort();
}
