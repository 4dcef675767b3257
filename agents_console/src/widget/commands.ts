/** The commands of the page around the widget, as requests to the server: it decides, here as anywhere. */

import { agentAction } from "../api";
import { bodyOf } from "../desk/questions";
import type { usePhone } from "../phone/phone";
import type { Agent, AgentAction, Call } from "../wire";
import { NotDone } from "./bridge";
import type { Commands, Target } from "./messages";

type AtServer = Exclude<keyof Commands, "answer" | "mute">;

const ACTIONS: Record<AtServer, AgentAction> = {
  ready: "ready",
  pause: "pause",
  decline: "decline",
  hold: "hold",
  resume: "retrieve",
  transfer: "transfer",
  hangUp: "hang-up",
  dial: "dial-out",
};

/** Who is asked for, and what they have before them. */
export interface AtHand {
  agent: Agent | undefined;
  call: Call | undefined;
  phone: Pick<ReturnType<typeof usePhone>, "ringing" | "talking" | "answer" | "mute">;
}

/** Raises NotDone or ApiError. */
export async function carryOut(command: keyof Commands, value: unknown, { agent, call, phone }: AtHand): Promise<void> {
  if (!agent) throw new NotDone(NOBODY);
  if (command === "answer") return answer(phone);
  if (command === "mute") return mute(phone, value);
  const action = ACTIONS[command];
  const said = saidWith(command, value);
  if (!agent.allowed_actions.includes(action)) throw notNow(command, agent);
  await agentAction(agent.agent_id, action, bodyOf(action, agent, call, said));
}

/** A desk phone is answered by its receiver; the telephone of another page, there. */
function answer(phone: AtHand["phone"]): void {
  if (!phone.ringing) throw atThePhone("answer");
  phone.answer();
}

function mute(phone: AtHand["phone"], on: unknown): void {
  if (typeof on !== "boolean") throw misspoken("mute", "true or false");
  if (!phone.talking) throw atThePhone("mute");
  phone.mute(on);
}

function saidWith(command: AtServer, value: unknown): string {
  if (command === "transfer") return targetOf(value);
  if (command !== "pause" && command !== "dial") return "";
  if (typeof value !== "string" || !value.trim()) throw misspoken(command, command === "pause" ? "a reason" : "a number");
  return value;
}

function targetOf(value: unknown): string {
  const { kind, target } = (value ?? {}) as Partial<Target>;
  if (typeof target !== "string" || !target.trim()) throw misspoken("transfer", '{kind: "agent", target: "1002"}');
  if (kind === "number") return target;
  if (kind === "agent" || kind === "queue") return `${kind}/${target}`;
  throw misspoken("transfer", 'a kind of "agent", "queue" or "number"');
}

const NOBODY = {
  code: "nobody",
  what: "Nobody who takes calls is logged in to the widget.",
  cure: "Log in in the widget; its state tells when that is so.",
};

function notNow(command: keyof Commands, { allowed_actions }: Agent): NotDone {
  const cure = `The server allows now: ${allowed_actions.join(", ") || "nothing"}.`;
  return new NotDone({ code: "not_now", what: `"${command}" is not possible now.`, cure });
}

function atThePhone(command: string): NotDone {
  const cure = `Do it at the telephone itself, or open the widget with phone: "here" and work with its telephone.`;
  return new NotDone({ code: "phone_elsewhere", what: `No telephone in the widget could ${command} now.`, cure });
}

function misspoken(command: string, wanted: string): NotDone {
  return new NotDone({ code: "bad_request", what: `"${command}" needs ${wanted}.`, cure: "See docs/widget.md." });
}
