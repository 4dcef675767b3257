// @ts-check
import { h } from "../dom.js";
import { currentLanguage, speak, t } from "../texts.js";
import { currentTheme, switchTheme } from "../theme.js";

/** Switches for language and theme, alike before and after the log-in.
 *  @param {() => void} relabel draws the page again in the other words */
export function switches(relabel) {
  const theme = () => t(currentTheme() === "dark" ? "theme.light" : "theme.dark");
  const themeButton = h("button", { class: "quiet", type: "button", onclick: () => (switchTheme(), relabel()) }, theme());
  const languageButton = h(
    "button",
    { class: "quiet", type: "button", onclick: () => (speak(currentLanguage() === "zh" ? "en" : "zh"), relabel()) },
    t("language"),
  );
  return [languageButton, themeButton];
}

/** @param {() => void} relabel
 *  @param {() => void} leave */
export function headerView(relabel, leave) {
  const line = h("span", { class: "line", role: "status" });
  const who = h("span", { class: "who" });
  const root = h(
    "header",
    {},
    h("span", { class: "mark" }, h("img", { src: "/src/icon.svg", alt: "", width: 28, height: 28 }), h("h1", {}, t("title"))),
    line,
    h("span", { class: "spring" }),
    who,
    ...switches(relabel),
    h("button", { class: "quiet", type: "button", onclick: leave }, t("logout")),
  );
  return {
    root,
    /** @param {import("../connection.js").LineState} state
     *  @param {import("../wire").Viewer | null} viewer */
    draw(state, viewer) {
      line.className = `line ${state}`;
      line.textContent = t(`line.${state}`);
      who.replaceChildren(...(viewer ? [viewer.name, h("small", {}, t(`role.${viewer.role}`))] : []));
    },
  };
}
