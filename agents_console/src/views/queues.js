// @ts-check
import { h, sync, timer } from "../dom.js";
import { t } from "../texts.js";

const LONG_WAIT_MS = 20_000;

/** @param {import("../wire").Queue} queue */
function card(queue) {
  const waiting = queue.waiting > 0;
  return h(
    "article",
    { class: `queue${waiting ? " busy" : ""}`, "data-queue": queue.name },
    h("h3", {}, queue.title, !queue.is_open && h("span", { class: "closed" }, t("queue.closed"))),
    h("p", { class: "figure" }, String(queue.waiting)),
    h(
      "p",
      { class: "oldest" },
      waiting ? [t("queue.oldest"), " ", timer({ since: queue.oldest_queued_at, lateMs: LONG_WAIT_MS })] : t("queue.calm"),
    ),
    h(
      "dl",
      {},
      h("div", {}, h("dt", {}, t("queue.talking")), h("dd", {}, String(queue.talking))),
      queue.call_backs > 0 && h("div", {}, h("dt", {}, t("queue.call_backs")), h("dd", {}, String(queue.call_backs))),
      h("div", {}, h("dt", {}, t("queue.ready")), h("dd", {}, `${queue.agents_ready} / ${queue.agents_logged_in}`)),
    ),
  );
}

export function queuesView() {
  const cards = h("div", { class: "queues" });
  const root = h("section", {}, h("h2", {}, t("queues")), cards);
  /** @param {import("../picture.js").Picture} picture */
  const draw = (picture) => sync(cards, [...picture.queue.values()], (queue) => queue.name, (queue) => queue, card);
  return { root, draw };
}
