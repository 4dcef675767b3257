/** What the widget and the page around it say to each other. Both sides are built of this; nothing else passes. */

import type { Agent, Call, ScreenPop } from "../wire";

const VERSION = 1;

/** Why a command was not carried out, as the API tells it: `code` is for programs, `cure` for people. */
export interface Fault {
  code: string;
  what: string;
  cure: string;
}

/** `elsewhere`: another page of this browser has the widget now, and this one is told nothing more. */
export type WidgetSession = "connecting" | "logged_out" | "live" | "lost" | "elsewhere";

export interface WidgetState {
  session: WidgetSession;
  /** Whose widget it is; `allowed_actions` are what the server would accept now. */
  agent: Agent | null;
  pause_reasons: readonly string[];
  /** The telephone of the widget itself; `off` where the agent's telephone is elsewhere. */
  phone: { state: string; ringing: boolean; talking: boolean; muted: boolean };
}

/** A call with what its agent sees beside it; `pop` is null where that could not be read. */
export interface CallTold {
  call: Call;
  pop: ScreenPop | null;
}

/** The agent has nothing to do with the call any more; `answered`: has talked in it. */
export interface Ended {
  call_id: string;
  answered: boolean;
}

export interface WidgetEvents {
  state: WidgetState;
  offer: CallTold;
  call: CallTold;
  ended: Ended;
}

/** One event with its value. */
export type Tale = { [E in keyof WidgetEvents]: { event: E; value: WidgetEvents[E] } }[keyof WidgetEvents];

/** Where a call is handed to. */
export interface Target {
  kind: "agent" | "queue" | "number";
  target: string;
}

/** The commands, each with what is said beside it. */
export interface Commands {
  ready: undefined;
  pause: string;
  answer: undefined;
  decline: undefined;
  hold: undefined;
  resume: undefined;
  mute: boolean;
  transfer: Target;
  hangUp: undefined;
  dial: string;
}

const COMMANDS = ["ready", "pause", "answer", "decline", "hold", "resume", "mute", "transfer", "hangUp", "dial"] as const;

export interface Ask {
  callcenter: typeof VERSION;
  type: "ask";
  id: number;
  command: keyof Commands;
  value?: unknown;
}

export type FromWidget =
  | { callcenter: typeof VERSION; type: "here" }
  | ({ callcenter: typeof VERSION; type: "tell" } & Tale)
  | { callcenter: typeof VERSION; type: "answer"; id: number; fault: Fault | null };

export const here = (): FromWidget => ({ callcenter: VERSION, type: "here" });
export const tell = (tale: Tale): FromWidget => ({ callcenter: VERSION, type: "tell", ...tale });
export const answer = (id: number, fault: Fault | null): FromWidget => ({ callcenter: VERSION, type: "answer", id, fault });
export const ask = (id: number, command: keyof Commands, value: unknown): Ask => ({ callcenter: VERSION, type: "ask", id, command, value });

function isOurs(data: unknown): data is Record<string, unknown> {
  return typeof data === "object" && data !== null && (data as Record<string, unknown>)["callcenter"] === VERSION;
}

/** Whether a message is a command; any other is none of our business. */
export function isAsk(data: unknown): data is Ask {
  return isOurs(data) && data["type"] === "ask" && Number.isSafeInteger(data["id"]) && COMMANDS.includes(data["command"] as never);
}

export function isFromWidget(data: unknown): data is FromWidget {
  return isOurs(data) && ["here", "tell", "answer"].includes(data["type"] as string);
}
