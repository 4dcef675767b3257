// @ts-check
/** The viewer's own agent: its state, the call in hand, and a button for each action the server allows. */

import { agentAction, ApiError } from "../api.js";
import { h, timer } from "../dom.js";
import { t, tOr } from "../texts.js";
import { shownPresence, stateText } from "./agents.js";
import { callerText } from "./calls.js";

/** @typedef {import("../wire").AgentAction} AgentAction */
/** @typedef {import("../wire").Agent} Agent */
/** @typedef {import("../wire").Call} Call */
/** @typedef {import("../picture.js").Picture} Picture */

const LAST_PHONE = "phone";

/** What came of the call in hand, as far as this page knows: said once it was given, until the next call.
 *  @type {{callId: string | null, words: string}} */
const given = { callId: null, words: "" };

/** Ask for one value before an action; null when the person changes their mind.
 *  @param {string} label
 *  @param {HTMLInputElement | HTMLSelectElement} field
 *  @returns {Promise<string | null>} */
function ask(label, field) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "card", onclose: () => (resolve(dialog.returnValue === "ok" ? field.value : null), dialog.remove()) },
      h(
        "form",
        { method: "dialog" },
        h("label", {}, label, field),
        h(
          "div",
          { class: "buttons" },
          h("button", { value: "cancel", class: "quiet", formnovalidate: true }, t("ask.cancel")),
          h("button", { value: "ok", class: "primary" }, t("ask.do")),
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
    field.focus();
  });
}

/** @param {[value: string, text: string][]} options */
function select(options) {
  return h("select", {}, ...options.map(([value, text]) => h("option", { value }, text)));
}

/** What the action needs beside the agent; null when the person changed their mind.
 *  @param {AgentAction} action
 *  @param {Agent} agent
 *  @param {Picture} picture
 *  @returns {Promise<object | null | undefined>} */
async function details(action, agent, picture) {
  const call = { call_id: agent.call_id ?? "" };
  switch (action) {
    case "login": {
      const known = agent.phone ?? localStorage.getItem(LAST_PHONE) ?? "";
      const phone = await ask(t("ask.phone"), h("input", { required: true, maxlength: 128, value: known }));
      if (phone === null) return null;
      localStorage.setItem(LAST_PHONE, phone);
      return { phone };
    }
    case "pause": {
      const reasons = picture.pauseReasons.map((reason) => /** @type {[string, string]} */ ([reason, tOr(`reason.${reason}`, reason)]));
      const reason = await ask(t("ask.reason"), select(reasons));
      return reason === null ? null : { reason };
    }
    case "extend-wrap-up": {
      const extra = await ask(t("ask.extra"), h("input", { type: "number", required: true, min: 1, max: 3600, value: 60 }));
      return extra === null ? null : { extra_sec: Number(extra) };
    }
    case "disposition": {
      const known = picture.dispositions;
      const field = known.length ? select(known) : h("input", { required: true, maxlength: 128 });
      const code = await ask(t(known.length ? "ask.disposition" : "ask.disposition.code"), field);
      return code === null ? null : { ...call, code };
    }
    case "transfer": {
      const queues = [...picture.queue.values()].map((queue) => /** @type {[string, string]} */ ([queue.name, queue.title]));
      const target = await ask(t("ask.queue"), select(queues));
      return target === null ? null : { ...call, kind: "queue", target };
    }
    case "hold":
    case "retrieve":
    case "hang-up":
      return call;
    case "decline": {
      const offers = picture.call.get(agent.call_id ?? "")?.offers ?? [];
      return { offer_id: offers.find((offer) => offer.agent_id === agent.agent_id)?.offer_id ?? "" };
    }
    default:
      return undefined;
  }
}

export function deskView() {
  const root = h("section", { class: "desk", hidden: true });
  let drawn = "";
  /** @param {Picture} picture */
  const draw = (picture) => {
    const agent = picture.agent.get(picture.viewer.agent_id ?? "");
    root.hidden = !agent;
    if (!agent) return;
    const call = agent.call_id ? picture.call.get(agent.call_id) : undefined;
    const sign = JSON.stringify([agent, call, given]);
    if (sign === drawn) return;
    drawn = sign;
    root.replaceChildren(...content(agent, call, picture, draw));
  };
  return { root, draw };
}

/** @param {Agent} agent
 *  @param {Call | undefined} call
 *  @param {Picture} picture
 *  @param {(picture: Picture) => void} draw */
function content(agent, call, picture, draw) {
  const state = shownPresence(agent, call);
  const fault = h("span", { class: "fault", role: "alert" });
  /** @param {AgentAction} action */
  const act = async (action) => {
    fault.textContent = "";
    const body = await details(action, agent, picture);
    if (body === null) return;
    try {
      await agentAction(agent.agent_id, action, body);
      if (body && "code" in body) {
        const words = picture.dispositions.find(([code]) => code === body.code)?.[1] ?? String(body.code);
        Object.assign(given, { callId: agent.call_id, words });
        draw(picture);
      }
    } catch (error) {
      const problem = error instanceof ApiError ? error.problem : null;
      fault.textContent = problem ? tOr(`error.${problem.code}`, `${problem.what} ${problem.cure}`) : String(error);
    }
  };
  return [
    h("span", { class: `agent ${state}` }, h("span", { class: "name" }, agent.name), h("span", { class: "state" }, stateText(agent, state)),
      timer(agent.presence === "wrap_up" && agent.until_at ? { until: agent.until_at } : { since: agent.since_at })),
    call ? h("span", { class: "caller" }, h("small", {}, t("desk.call")), ...callerText(call)) : null,
    given.callId && given.callId === agent.call_id
      ? h("span", { class: "given", role: "status" }, h("small", {}, t("action.disposition")), given.words)
      : null,
    fault,
    h("span", { class: "buttons" }, ...agent.allowed_actions.map((action) =>
      h("button", { type: "button", class: `action ${action}`, onclick: () => act(action) }, t(`action.${action}`)))),
  ].filter((part) => part !== null);
}
