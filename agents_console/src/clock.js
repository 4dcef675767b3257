// @ts-check
/** The server's time, estimated from the instants it sends: a message can only arrive late, so the largest
 *  difference seen among the last ones is the nearest to the truth. */

const REMEMBERED = 20;

/** @type {number[]} */
const differences = [];

/** @param {string} serverAt */
export function heard(serverAt) {
  differences.push(Date.parse(serverAt) - Date.now());
  if (differences.length > REMEMBERED) differences.shift();
}

/** Milliseconds since the Unix epoch by the server's clock. */
export function now() {
  return Date.now() + (differences.length ? Math.max(...differences) : 0);
}

/** The time since (or until) an instant as m:ss or h:mm:ss; never negative.
 *  @param {number} ms */
export function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = String(seconds % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** Let every element of this class under `root` show its time; called once a second.
 *  `data-since` counts up; `data-until` counts down; `data-late-ms` marks one that has taken too long.
 *  @param {ParentNode} root */
export function tick(root) {
  const at = now();
  for (const element of root.querySelectorAll(".timer")) {
    const { since, until, lateMs } = /** @type {HTMLElement} */ (element).dataset;
    const ms = until ? Date.parse(until) - at : since ? at - Date.parse(since) : 0;
    const text = span(ms);
    if (element.textContent !== text) element.textContent = text;
    if (lateMs) element.classList.toggle("late", ms >= Number(lateMs));
  }
}
