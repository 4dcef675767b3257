// @ts-check
import { h, sync, timer } from "../dom.js";
import { t, tOr } from "../texts.js";

/** @typedef {import("../wire").Agent} Agent */
/** @typedef {import("../wire").Call} Call */

/** The order in which the states are read. @type {Agent["presence"][]} */
const ORDER = ["on_call", "offered", "wrap_up", "ready", "not_ready", "logged_out"];

/** What to show for an agent: the Presence, or that the caller is on hold.
 *  @param {Agent} agent
 *  @param {Call | undefined} call */
export function shownPresence(agent, call) {
  return agent.presence === "on_call" && call?.phase === "held" ? "on_hold" : agent.presence;
}

/** @param {Agent} agent
 *  @param {Call | undefined} call */
function row(agent, call) {
  const state = shownPresence(agent, call);
  const since = (state === "on_hold" && call?.since_at) || agent.since_at;
  const reason = agent.presence === "not_ready" && agent.reason ? tOr(`reason.${agent.reason}`, agent.reason) : "";
  return h(
    "li",
    { class: `agent ${state}`, "data-agent": agent.agent_id },
    h("span", { class: "name" }, agent.name, h("small", {}, agent.agent_id)),
    h("span", { class: "state" }, reason || t(`presence.${state}`)),
    agent.presence !== "logged_out" &&
      timer(agent.presence === "wrap_up" && agent.until_at ? { until: agent.until_at } : { since }),
  );
}

export function agentsView() {
  const list = h("ul", { class: "agents" });
  const count = h("span", { class: "count" });
  const root = h("section", {}, h("h2", {}, t("agents"), count), list);
  /** @param {import("../picture.js").Picture} picture */
  const draw = (picture) => {
    const agents = [...picture.agent.values()].sort(
      (one, other) =>
        ORDER.indexOf(one.presence) - ORDER.indexOf(other.presence) || one.since_at.localeCompare(other.since_at),
    );
    const onDuty = agents.filter((agent) => agent.presence !== "logged_out").length;
    count.textContent = `${onDuty} / ${agents.length} ${t("agents.on_duty")}`;
    const callOf = (/** @type {Agent} */ agent) => (agent.call_id ? picture.call.get(agent.call_id) : undefined);
    sync(
      list,
      agents,
      (agent) => agent.agent_id,
      (agent) => `${agent.presence} ${agent.reason} ${agent.since_at} ${agent.until_at} ${agent.name} ${callOf(agent)?.phase}`,
      (agent) => row(agent, callOf(agent)),
    );
  };
  return { root, draw };
}
