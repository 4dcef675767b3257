// @ts-check
import { span } from "../clock.js";
import { h, sync } from "../dom.js";
import { formulaOf } from "../formulas.js";
import { t, tOr } from "../texts.js";

/** @typedef {import("../wire").Kpi} Kpi */

const TOTAL = "total";

/** The figures shown large: the first ones of these that the scope has. */
const HEADLINES = [
  "connect_rate",
  "connected_within_15",
  "service_level",
  "asa_ms",
  "aht_ms",
  "abandonment_rate",
  "occupancy",
  "calls_in",
  "offered",
  "answered",
  "agent_answer_rate",
  "abandoned",
];
const TILES = 8;

/** @param {Kpi["unit"]} unit
 *  @param {number | null} value */
function shown(unit, value) {
  if (value === null) return "–";
  if (unit === "ratio") return `${(value * 100).toFixed(value === 1 ? 0 : 1)}%`;
  return unit === "ms" ? span(value) : String(Math.round(value));
}

/** Ratios of two times; all others have counts below the line. */
const OF_TIMES = ["occupancy", "utilisation"];

/** What a ratio or an average was divided from.
 *  @param {Kpi} figure */
function parts({ key, unit, numerator, denominator }) {
  if (numerator === null || denominator === null) return "";
  const ofTimes = OF_TIMES.includes(key);
  return `${shown(ofTimes || unit === "ms" ? "ms" : "count", numerator)} / ${shown(ofTimes ? "ms" : "count", denominator)}`;
}

/** @param {Kpi} figure */
function name(figure) {
  return tOr(`kpi.${figure.key}`, figure.key);
}

/** @param {Kpi} figure */
function target(figure) {
  return figure.target === null ? "" : `${t("kpi.target")} ${shown(figure.unit, figure.target)}`;
}

/** @param {Kpi} figure */
function tile(figure) {
  return h(
    "article",
    { class: `tile${figure.target_met === false ? " missed" : ""}`, tabindex: 0, "data-kpi": figure.key },
    h("h3", {}, name(figure)),
    h("p", { class: "figure" }, shown(figure.unit, figure.value)),
    h("p", { class: "parts" }, parts(figure), h("span", {}, target(figure))),
    h("div", { class: "formula", role: "tooltip" }, h("b", {}, t("kpi.formula")), formulaOf(figure)),
  );
}

/** @param {Kpi} figure */
function row(figure) {
  return h(
    "tr",
    { class: figure.target_met === false ? "missed" : false },
    h("th", { scope: "row" }, name(figure)),
    h("td", { class: "value" }, shown(figure.unit, figure.value)),
    h("td", { class: "value" }, parts(figure)),
    h("td", {}, formulaOf(figure), " ", h("small", {}, target(figure))),
  );
}

/** @param {Kpi} figure */
function sign(figure) {
  return `${figure.scope} ${figure.value} ${figure.numerator} ${figure.denominator} ${figure.target}`;
}

/** The figures of the day, of all queues or of one.
 *  @param {() => void} changed asks for the page to be drawn again */
export function tilesView(changed) {
  let scope = TOTAL;
  const scopes = h("div", { class: "scopes", role: "tablist" });
  const tiles = h("div", { class: "tiles" });
  const rows = h("tbody");
  const heads = ["kpi.name", "kpi.value", "kpi.parts", "kpi.formula"].map((key) => h("th", { scope: "col" }, t(key)));
  const table = h("table", {}, h("thead", {}, h("tr", {}, ...heads)), rows);
  const all = h("details", { class: "all", ontoggle: changed }, h("summary", {}, t("kpi.all")), h("div", { class: "card" }, table));
  const root = h("section", { class: "kpi" }, scopes, tiles, all);

  /** @param {import("../picture.js").Picture} picture */
  const drawScopes = (picture) => {
    const known = new Set([...picture.kpi.values()].map((figure) => figure.scope));
    const names = [TOTAL, ...picture.queue.keys()].filter((each) => known.has(each));
    if (!known.has(scope)) scope = TOTAL;
    sync(
      scopes,
      names.map((each) => ({ each, title: picture.queue.get(each)?.title ?? t(`scope.${each}`) })),
      ({ each }) => each,
      ({ each, title }) => `${title} ${each === scope}`,
      ({ each, title }) =>
        h(
          "button",
          { type: "button", role: "tab", "aria-selected": String(each === scope), onclick: () => ((scope = each), changed()) },
          title,
        ),
    );
  };

  /** @param {import("../picture.js").Picture} picture */
  const draw = (picture) => {
    drawScopes(picture);
    const figures = [...picture.kpi.values()].filter((figure) => figure.scope === scope);
    const byKey = new Map(figures.map((figure) => [figure.key, figure]));
    const large = HEADLINES.flatMap((key) => byKey.get(key) ?? []).slice(0, TILES);
    sync(tiles, large, (figure) => figure.key, sign, tile);
    sync(rows, all.open ? figures : [], (figure) => figure.key, sign, row);
  };
  return { root, draw };
}
