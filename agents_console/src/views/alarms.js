// @ts-check
import { h, sync, timer } from "../dom.js";
import { currentLanguage, t } from "../texts.js";

/** A restart of the server is over before this; only what lasts is an alarm. */
const FAILURES_TO_ALARM = 3;

/** What needs attention: the line to the server, or a component that the centre lost.
 *  @param {HTMLElement} root
 *  @param {number} failures how often the line was lost in a row
 *  @param {import("../picture.js").Picture | null} picture */
export function showAlarms(root, failures, picture) {
  /** @type {{key: string, text: string, since: string | null, detail: string}[]} */
  const alarms = [];
  if (failures >= FAILURES_TO_ALARM) alarms.push({ key: "line", text: t("line.lost.long"), since: null, detail: "" });
  for (const health of picture?.health.values() ?? []) {
    if (!health.up) {
      alarms.push({ key: health.component, text: t(`alarm.${health.component}`), since: health.since_at, detail: health.detail });
    }
  }
  sync(
    root,
    alarms,
    (alarm) => alarm.key,
    (alarm) => `${currentLanguage()} ${alarm.since} ${alarm.detail}`,
    (alarm) =>
      h(
        "p",
        { class: alarm.key === "line" ? "alarm mild" : "alarm" },
        h("strong", {}, alarm.text),
        alarm.since && timer({ since: alarm.since }),
        alarm.detail && h("span", {}, alarm.detail),
      ),
  );
}
