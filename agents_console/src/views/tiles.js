// @ts-check
import { span } from "../clock.js";
import { h, sync } from "../dom.js";
import { t, tOr } from "../texts.js";

/** @typedef {import("../wire").KpiValue} KpiValue */

const TOTAL = "total";

/** @param {KpiValue["unit"]} unit
 *  @param {number | null} value */
function shown(unit, value) {
  if (value === null) return "–";
  if (unit === "ratio") return `${(value * 100).toFixed(value === 1 ? 0 : 1)}%`;
  return unit === "ms" ? span(value) : String(Math.round(value));
}

/** @param {KpiValue} figure */
function tile(figure) {
  const { key, value, unit, formula, numerator, denominator, target } = figure;
  const missed = value !== null && target !== null && value < target;
  const parts =
    unit === "ratio" && numerator !== null && denominator !== null ? `${Math.round(numerator)} / ${Math.round(denominator)}` : "";
  return h(
    "article",
    { class: `tile${missed ? " missed" : ""}`, tabindex: 0 },
    h("h3", {}, tOr(`kpi.${key}`, key)),
    h("p", { class: "figure" }, shown(unit, value)),
    h("p", { class: "parts" }, parts, target !== null && h("span", {}, `${t("kpi.target")} ${shown(unit, target)}`)),
    h("div", { class: "formula", role: "tooltip" }, h("b", {}, t("kpi.formula")), formula),
  );
}

/** The figures of the day, of all queues or of one.
 *  @param {() => void} changed asks for the page to be drawn again */
export function tilesView(changed) {
  let scope = TOTAL;
  const scopes = h("div", { class: "scopes", role: "tablist" });
  const tiles = h("div", { class: "tiles" });
  const root = h("section", { class: "kpi" }, scopes, tiles);
  /** @param {import("../picture.js").Picture} picture */
  const draw = (picture) => {
    if (!picture.kpi.has(scope)) scope = TOTAL;
    const titled = [...picture.kpi.keys()].map((name) => ({ name, title: picture.queue.get(name)?.title ?? tOr(`scope.${name}`, name) }));
    sync(
      scopes,
      titled,
      ({ name }) => name,
      ({ name, title }) => `${title} ${name === scope}`,
      ({ name, title }) =>
        h(
          "button",
          { type: "button", role: "tab", "aria-selected": String(name === scope), onclick: () => ((scope = name), changed()) },
          title,
        ),
    );
    const figures = picture.kpi.get(scope)?.figures ?? [];
    sync(
      tiles,
      figures,
      (figure) => figure.key,
      (figure) => `${scope} ${figure.value} ${figure.numerator} ${figure.denominator}`,
      tile,
    );
  };
  return { root, draw };
}
