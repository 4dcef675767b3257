/** How calls are shown. */

import type { Agent, Call, Queue } from "../wire";

/** Who has waited longer has waited too long. */
export const LONG_WAIT_MS = 20_000;

/** Whoever waits for a human: on the line, or at home to be called back. */
export function waits(call: Call): boolean {
  return call.phase === "queued" || call.phase === "promised";
}

/** Waits on the line, where every second counts. */
export function waitsOnTheLine(call: Call): boolean {
  return call.phase === "queued" && !call.call_back_of;
}

export function byWaiting(one: Call, other: Call): number {
  return (one.queued_at ?? "").localeCompare(other.queued_at ?? "");
}

/** Where the call is: its queue and agent, or who is rung (`ringing` is the word for it), or the place in the flow. */
export function whereabouts(
  call: Call,
  queues: ReadonlyMap<string, Queue>,
  agents: ReadonlyMap<string, Agent>,
  ringing: string,
): string {
  const queue = call.queue ? (queues.get(call.queue)?.title ?? call.queue) : "";
  const name = (id: string) => agents.get(id)?.name ?? id;
  if (call.agent_id) return [queue, name(call.agent_id)].filter(Boolean).join(" · ");
  const rung = call.offers.map((offer) => `${name(offer.agent_id)} ${ringing}`);
  return [queue || call.node || call.flow, ...rung].filter(Boolean).join(" · ");
}

/** The call for which this agent is rung. */
export function offerTo(agentId: string, calls: Iterable<Call>): Call | undefined {
  return [...calls].find((call) => call.offers.some((offer) => offer.agent_id === agentId));
}
