// @ts-check
import { h, sync, timer } from "../dom.js";
import { t } from "../texts.js";

/** @typedef {import("../wire").Call} Call */
/** @typedef {import("../picture.js").Picture} Picture */

const LONG_WAIT_MS = 20_000;

/** Who calls, as far as the viewer may know.
 *  @param {Call} call */
export function callerText(call) {
  return [h("span", { class: "number" }, call.caller || t("call.unknown")), call.caller_name && h("small", {}, call.caller_name)];
}

/** @param {Call} call
 *  @param {Picture} picture */
function where(call, picture) {
  const queue = call.queue ? (picture.queue.get(call.queue)?.title ?? call.queue) : "";
  const name = (/** @type {string} */ id) => picture.agent.get(id)?.name ?? id;
  if (call.agent_id) return `${queue} · ${name(call.agent_id)}`;
  const ringing = call.offers.map((offer) => `${name(offer.agent_id)} ${t("call.ringing")}`);
  return [queue || call.node || call.flow, ...ringing].filter(Boolean).join(" · ");
}

/** Whoever waits for a human: on the line, or at home to be called back.
 *  @param {Call} call */
function waits(call) {
  return call.phase === "queued" || call.phase === "promised";
}

/** @param {Call} call
 *  @param {Picture} picture */
function row(call, picture) {
  const waiting = call.phase === "queued" && !call.call_back_of;
  return h(
    "li",
    { class: `call ${call.phase}`, "data-call": call.call_id },
    h("span", { class: "caller" }, ...callerText(call)),
    h("span", { class: "where" }, where(call, picture)),
    call.call_back_of && h("span", { class: "badge" }, t("call.call_back")),
    call.priority > 0 && h("span", { class: "badge", title: t("call.priority") }, `↑ ${call.priority}`),
    call.phase !== "queued" && h("span", { class: "state" }, t(`phase.${call.phase}`)),
    call.since_at && timer({ since: call.since_at, ...(waiting ? { lateMs: LONG_WAIT_MS } : {}) }),
  );
}

/** @param {HTMLElement} list
 *  @param {Call[]} calls
 *  @param {Picture} picture */
function drawList(list, calls, picture) {
  sync(
    list,
    calls,
    (call) => call.call_id,
    (call) => `${call.phase} ${call.since_at} ${call.caller} ${call.priority} ${where(call, picture)}`,
    (call) => row(call, picture),
  );
}

export function callsView() {
  const [waiting, live] = [h("ul", { class: "calls" }), h("ul", { class: "calls" })];
  const [waitingCount, liveCount] = [h("span", { class: "count" }), h("span", { class: "count" })];
  const root = h(
    "div",
    { class: "stack" },
    h("section", {}, h("h2", {}, t("waiting.title"), waitingCount), waiting, h("p", { class: "none" }, t("waiting.none"))),
    h("section", {}, h("h2", {}, t("live.title"), liveCount), live, h("p", { class: "none" }, t("live.none"))),
  );
  /** @param {Picture} picture */
  const draw = (picture) => {
    const calls = [...picture.call.values()];
    const queued = calls.filter(waits);
    queued.sort((one, other) => (one.queued_at ?? "").localeCompare(other.queued_at ?? ""));
    const others = calls.filter((call) => !waits(call));
    drawList(waiting, queued, picture);
    drawList(live, others, picture);
    waitingCount.textContent = String(queued.length);
    liveCount.textContent = String(others.length);
  };
  return { root, draw };
}
