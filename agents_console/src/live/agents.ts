/** How agents are shown. */

import type { Agent, Call, Fairness, Presence } from "../wire";

/** What is shown for an agent: the Presence, or that the caller is on hold. */
export type ShownPresence = Presence | "on_hold";

/** The order in which the states are read. */
export const STATES: readonly ShownPresence[] = [
  "on_call",
  "on_hold",
  "offered",
  "wrap_up",
  "ready",
  "not_ready",
  "logged_out",
];

export function shownPresence(agent: Agent, call: Call | undefined): ShownPresence {
  return agent.presence === "on_call" && call?.phase === "held" ? "on_hold" : agent.presence;
}

/** The reason says more than the state: of a pause, or of a wrap-up that lacks something. */
export function reasonTells(agent: Agent): boolean {
  return agent.reason !== "" && (agent.presence === "not_ready" || agent.presence === "wrap_up");
}

/** What the agent's timer counts: down to the end of the wrap-up, else up since the state began. */
export function timerOf(agent: Agent, call: Call | undefined): { since: string } | { until: string } {
  if (agent.presence === "wrap_up" && agent.until_at) return { until: agent.until_at };
  const held = shownPresence(agent, call) === "on_hold" && call?.since_at;
  return { since: held || agent.since_at };
}

const ORDER: readonly Presence[] = ["on_call", "offered", "wrap_up", "ready", "not_ready", "logged_out"];

/** By what they do, then by how long they have done it. */
export function inOrder(agents: Iterable<Agent>): Agent[] {
  return [...agents].sort(
    (one, other) =>
      ORDER.indexOf(one.presence) - ORDER.indexOf(other.presence) || one.since_at.localeCompare(other.since_at),
  );
}

/** How many calls the agent has answered since log-in, and which share of everybody's that is (0 to 100); null
 *  when the viewer may not know. */
export function sharing(agent: Agent, fairness: Fairness | undefined): { calls: number; percent: number | null } | null {
  if (agent.presence === "logged_out" || agent.calls === null) return null;
  const percent = fairness?.calls ? Math.round((100 * agent.calls) / fairness.calls) : null;
  return { calls: agent.calls, percent };
}
