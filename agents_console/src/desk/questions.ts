/** What each of an agent's actions asks for beside the agent, and the request that it becomes. */

import type { Agent, AgentAction, Call, MissedCallsAnswer, Presence, TransferKind } from "../wire";
import type { Picture } from "../live/picture";
import { microphoneLeft } from "../phone/allowed";
import type { usePhone } from "../phone/phone";
import type { WordKey } from "../words";
import { keep, kept } from "../kept";

export interface Choice {
  value: string;
  /** The words themselves, or the key of them where there is one. */
  text: string;
  key?: string;
  /** Choices of one group stand together, under these words. */
  group?: WordKey;
  /** Of a person: what they do now. */
  presence?: Presence;
}

/** One value to be asked for: chosen when there are choices, else written. */
export interface Question {
  label: WordKey;
  wrong: WordKey;
  first: string;
  choices: readonly Choice[];
  /** A whole number up to this is wanted, from `smallest` (1) on. */
  largest?: number;
  smallest?: number;
  /** Several lines may be written, of so many characters. */
  longest?: number;
  /** Something else may be written instead of chosen; the server says whether it will do. */
  written?: true;
}

const LAST_PHONE = "phone";
/** The answer that means the telephone of this page. */
export const THIS_PAGE = "browser";
const LONGEST_EXTENSION_SEC = 3600;

/** The question before the action; null when there is nothing to ask. */
export function questionOf(action: AgentAction, agent: Agent, picture: Picture): Question | null {
  switch (action) {
    case "login":
    case "change-phone": {
      const here = microphoneLeft() ? [{ value: THIS_PAGE, text: THIS_PAGE, key: "phone.browser" }] : [];
      const known = kept(LAST_PHONE) ?? THIS_PAGE;
      const desk = known === THIS_PAGE ? [] : [{ value: known, text: known }];
      const choices: Choice[] = [...here, ...desk];
      const first = choices.find(({ value }) => value === known)?.value ?? "";
      return { label: "ask.phone", wrong: "ask.phone.wrong", first, choices, written: true };
    }
    case "pause": {
      const choices = picture.pauseReasons.map((value) => ({ value, text: value, key: `reason.${value}` }));
      return { label: "ask.reason", wrong: "ask.choose", first: choices[0]?.value ?? "", choices };
    }
    case "extend-wrap-up":
      return { label: "ask.extra", wrong: "ask.extra.wrong", first: "60", choices: [], largest: LONGEST_EXTENSION_SEC };
    case "disposition": {
      const choices = [...picture.dispositions].map(([value, text]) => ({ value, text }));
      const label = choices.length ? "ask.disposition" : "ask.disposition.code";
      return { label, wrong: "ask.disposition.wrong", first: choices[0]?.value ?? "", choices };
    }
    case "transfer": {
      const choices = targets(agent, picture);
      return { label: "ask.target", wrong: "ask.target.wrong", first: "", choices, written: true };
    }
    case "consult": {
      const choices = targets(agent, picture).filter(({ presence }) => !presence || presence === "ready");
      return { label: "ask.consulted", wrong: "ask.target.wrong", first: "", choices, written: true };
    }
    default:
      return null;
  }
}

/** Whom to call: a number, or a caller who was missed. */
export function dialQuestion({ calls, whole }: MissedCallsAnswer, picture: Picture): Question {
  const todays: WordKey = whole ? "ask.missed" : "ask.missed.last";
  const choices = calls.map(({ call_id, caller, queue, ended_at, today }) => ({
    value: `missed/${call_id}`,
    text: [caller, (queue && picture.queue.get(queue)?.title) ?? "", timeOfDay(ended_at)].filter(Boolean).join(" · "),
    group: today ? todays : ("ask.missed.yesterday" as const),
  }));
  return { label: "ask.number", wrong: "ask.number.wrong", first: "", choices, written: true };
}

function timeOfDay(at: string): string {
  return new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** Where a call can go: to a queue, or to whoever is on duty, the ready ones first. */
function targets(agent: Agent, picture: Picture): Choice[] {
  const queues = [...picture.queue.values()].map(({ name, title }) => ({
    value: `queue/${name}`,
    text: title,
    group: "ask.target.queues" as const,
  }));
  const others = [...picture.agent.values()]
    .filter(({ agent_id, presence }) => agent_id !== agent.agent_id && presence !== "logged_out")
    .sort((one, other) => Number(other.presence === "ready") - Number(one.presence === "ready"))
    .map(({ agent_id, name, presence }) => ({
      value: `agent/${agent_id}`,
      text: `${name} ${agent_id}`,
      group: "ask.target.agents" as const,
      presence,
    }));
  return [...queues, ...others];
}

export function isRight(question: Question, answer: string): boolean {
  if (question.largest === undefined) return answer.trim() !== "";
  const number = answer.trim() === "" ? NaN : Number(answer);
  return Number.isInteger(number) && number >= (question.smallest ?? 1) && number <= question.largest;
}

/** A choice names what it is; anything else is a number. */
function targetOf(answer: string): { kind: TransferKind; target: string } {
  const [, kind, target] = /^(queue|agent)\/(.+)$/.exec(answer) ?? [];
  return kind && target ? { kind: kind as TransferKind, target } : { kind: "number", target: answer.trim() };
}

/** Be the telephone that was chosen, as far as it is this page's; its name for the server, or null when it cannot
 *  be used. */
export async function phoneChosen(answer: string, agent: Agent, phone: ReturnType<typeof usePhone>): Promise<string | null> {
  const chosen = answer.trim();
  keep(LAST_PHONE, chosen);
  if (chosen === THIS_PAGE) return phone.start(agent.agent_id);
  phone.stop();
  return chosen;
}

/** The body of the request; `answer` is that of the question, if there was one. */
export function bodyOf(action: AgentAction, agent: Agent, call: Call | undefined, answer: string): object | undefined {
  const call_id = agent.call_id ?? "";
  switch (action) {
    case "login":
    case "change-phone":
      return { phone: answer };
    case "pause":
      return { reason: answer };
    case "extend-wrap-up":
      return { extra_sec: Number(answer) };
    case "disposition":
      return { call_id, code: answer };
    case "transfer":
    case "consult":
      return { call_id, ...targetOf(answer) };
    case "dial-out": {
      const [, missed] = /^missed\/(.+)$/.exec(answer) ?? [];
      return missed ? { call_id: missed } : { number: answer.trim() };
    }
    case "keys":
      return { call_id, digits: answer };
    case "hold":
    case "retrieve":
    case "swap":
    case "conference":
    case "complete-transfer":
    case "end-consult":
    case "hang-up":
      return { call_id };
    case "decline":
      return { offer_id: call?.offers.find((offer) => offer.agent_id === agent.agent_id)?.offer_id ?? "" };
    default:
      return undefined;
  }
}
