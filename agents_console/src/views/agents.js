// @ts-check
import { span } from "../clock.js";
import { h, sync, timer } from "../dom.js";
import { TOTAL } from "../picture.js";
import { t, tOr } from "../texts.js";

/** @typedef {import("../wire").Agent} Agent */
/** @typedef {import("../wire").Call} Call */
/** @typedef {import("../wire").Fairness} Fairness */

/** The order in which the states are read. @type {Agent["presence"][]} */
const ORDER = ["on_call", "offered", "wrap_up", "ready", "not_ready", "logged_out"];

/** What to show for an agent: the Presence, or that the caller is on hold.
 *  @param {Agent} agent
 *  @param {Call | undefined} call */
export function shownPresence(agent, call) {
  return agent.presence === "on_call" && call?.phase === "held" ? "on_hold" : agent.presence;
}

/** The state in words, or the reason that says more: of a pause, or of a wrap-up that lacks something.
 *  @param {Agent} agent
 *  @param {string} state */
export function stateText(agent, state) {
  const telling = agent.reason && ["not_ready", "wrap_up"].includes(state);
  return telling ? tOr(`reason.${agent.reason}`, agent.reason) : t(`presence.${state}`);
}

/** How many calls the agent has answered since log-in, and which share of everybody's; empty when the viewer
 *  may not know.
 *  @param {Agent} agent
 *  @param {Fairness | undefined} fairness */
function callsText(agent, fairness) {
  if (agent.presence === "logged_out" || typeof agent.calls !== "number") return "";
  const share = fairness?.calls ? ` · ${Math.round((100 * agent.calls) / fairness.calls)}%` : "";
  return `${agent.calls} ${t(agent.calls === 1 ? "agents.call" : "agents.calls")}${share}`;
}

/** How evenly work is spread: a line for the whole shift.
 *  @param {Fairness | undefined} fairness */
function fairnessText(fairness) {
  if (!fairness) return [];
  /** @type {[key: string, value: string | null][]} */
  const figures = [
    ["fairness.idle", fairness.idle_spread_ms === null ? null : span(fairness.idle_spread_ms)],
    ["fairness.calls", fairness.calls_gini?.toFixed(2) ?? null],
    ["fairness.busy", fairness.busy_gini?.toFixed(2) ?? null],
  ];
  return figures.map(([key, value]) =>
    h("span", { title: t(`${key}.means`), "data-fairness": key }, t(key), " ", h("b", {}, value ?? "–")),
  );
}

/** @param {Agent} agent
 *  @param {Call | undefined} call
 *  @param {string} calls */
function row(agent, call, calls) {
  const state = shownPresence(agent, call);
  const since = (state === "on_hold" && call?.since_at) || agent.since_at;
  return h(
    "li",
    { class: `agent ${state}`, "data-agent": agent.agent_id },
    h("span", { class: "name" }, agent.name, h("small", {}, agent.agent_id)),
    calls && h("span", { class: "calls-share", title: t("agents.calls.means") }, calls),
    h("span", { class: "state" }, stateText(agent, state)),
    agent.presence !== "logged_out" &&
      timer(agent.presence === "wrap_up" && agent.until_at ? { until: agent.until_at } : { since }),
  );
}

export function agentsView() {
  const list = h("ul", { class: "agents" });
  const count = h("span", { class: "count" });
  const fairness = h("p", { class: "fairness" });
  const root = h("section", {}, h("h2", {}, t("agents"), count), fairness, list);
  /** @param {import("../picture.js").Picture} picture */
  const draw = (picture) => {
    const agents = [...picture.agent.values()].sort(
      (one, other) =>
        ORDER.indexOf(one.presence) - ORDER.indexOf(other.presence) || one.since_at.localeCompare(other.since_at),
    );
    const onDuty = agents.filter((agent) => agent.presence !== "logged_out").length;
    count.textContent = `${onDuty} / ${agents.length} ${t("agents.on_duty")}`;
    const spread = picture.fairness.get(TOTAL);
    fairness.replaceChildren(...fairnessText(spread));
    const callOf = (/** @type {Agent} */ agent) => (agent.call_id ? picture.call.get(agent.call_id) : undefined);
    sync(
      list,
      agents,
      (agent) => agent.agent_id,
      (agent) => `${agent.presence} ${agent.reason} ${agent.since_at} ${agent.until_at} ${agent.name} ${callOf(agent)?.phase} ${callsText(agent, spread)}`,
      (agent) => row(agent, callOf(agent), callsText(agent, spread)),
    );
  };
  return { root, draw };
}
