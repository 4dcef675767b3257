// @ts-check
import * as api from "../api.js";
import { h } from "../dom.js";
import { t, tOr } from "../texts.js";
import { switches } from "./header.js";

/** @param {() => Promise<void>} entered
 *  @param {() => void} relabel */
export function loginView(entered, relabel) {
  const name = h("input", { name: "name", autocomplete: "username", required: true, autofocus: true, maxlength: 128 });
  const password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true });
  const submit = h("button", { type: "submit", class: "primary" }, t("login.submit"));
  const fault = h("p", { class: "fault", role: "alert" });

  /** @param {SubmitEvent} event */
  const send = async (event) => {
    event.preventDefault();
    submit.disabled = true;
    submit.textContent = t("login.busy");
    fault.textContent = "";
    try {
      await api.login(name.value, password.value);
      await entered();
    } catch (error) {
      const problem = error instanceof api.ApiError ? error.problem : null;
      fault.textContent = problem ? tOr(`error.${problem.code}`, `${problem.what} ${problem.cure}`) : String(error);
      password.select();
    } finally {
      submit.disabled = false;
      submit.textContent = t("login.submit");
    }
  };

  return h(
    "div",
    { class: "door" },
    h(
      "form",
      { class: "card", onsubmit: send },
      h("img", { src: "/src/icon.svg", alt: "", width: 52, height: 52 }),
      h("h1", {}, t("title")),
      h("label", {}, t("login.name"), name),
      h("label", {}, t("login.password"), password),
      fault,
      submit,
    ),
    h("div", { class: "switches" }, ...switches(relabel)),
  );
}
