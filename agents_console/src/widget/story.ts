/** What is to be told of what is seen: a pure fold, so that each thing is told once and in its order. */

import type { Call, ScreenPop } from "../wire";
import type { CallTold, Tale, WidgetState } from "./messages";

export interface Seen {
  state: WidgetState;
  /** The call for which the agent is rung. */
  offered: Call | undefined;
  /** The call that the agent has. */
  inHand: Call | undefined;
  /** What stands beside the calls, as far as it is known; null: it could not be read. */
  pops: ReadonlyMap<string, ScreenPop | null>;
}

/** What has been told so far. */
export interface Told {
  state: string;
  offered: string | null;
  inHand: string | null;
  call: string;
}

export const NOTHING_TOLD: Told = { state: "", offered: null, inHand: null, call: "" };

export function story(told: Told, seen: Seen): { tales: Tale[]; told: Told } {
  const { state, offered, inHand, pops } = seen;
  const [tales, asText]: [Tale[], string] = [[], JSON.stringify(state)];
  if (asText !== told.state) tales.push({ event: "state", value: state });
  if (!state.agent) return { tales, told: { ...NOTHING_TOLD, state: asText } };

  const next: Told = { state: asText, offered: null, inHand: inHand?.call_id ?? null, call: "" };
  for (const call_id of gone(told, seen)) tales.push({ event: "ended", value: { call_id, answered: call_id === told.inHand } });
  if (offered) {
    // With what stands beside it, which is there within the second; so the offer is told once, and whole.
    const pop = pops.get(offered.call_id);
    if (pop !== undefined || told.offered === offered.call_id) next.offered = offered.call_id;
    if (pop !== undefined && told.offered !== offered.call_id) tales.push({ event: "offer", value: { call: offered, pop } });
  }
  if (inHand) {
    const value: CallTold = { call: inHand, pop: pops.get(inHand.call_id) ?? null };
    next.call = JSON.stringify(value);
    if (next.call !== told.call) tales.push({ event: "call", value });
  }
  return { tales, told: next };
}

function gone({ offered, inHand }: Told, now: Seen): string[] {
  const left = [now.offered?.call_id, now.inHand?.call_id];
  return [...new Set([offered, inHand])].filter((id) => id !== null).filter((id) => !left.includes(id));
}
