/** The server's time, estimated from the instants it sends: a message can only arrive late, so the largest
 *  difference seen among the last ones is the nearest to the truth. */

import { readonly, ref } from "vue";

const REMEMBERED = 20;
const TICK_MS = 1000;
const differences: number[] = [];

/** Milliseconds since the Unix epoch by the server's clock. */
export function now(): number {
  return Date.now() + (differences.length ? Math.max(...differences) : 0);
}

const second = ref(now());

/** `now()`, renewed once a second: what all timers of the page show their time by. */
export const thisSecond = readonly(second);

export function startClock(): void {
  setInterval(() => (second.value = now()), TICK_MS);
}

export function heard(serverAt: string): void {
  differences.push(Date.parse(serverAt) - Date.now());
  if (differences.length > REMEMBERED) differences.shift();
  if (Math.abs(now() - second.value) > TICK_MS) second.value = now();
}

/** An instant as date and time of day where the page is looked at. */
export function clockTime(at: string, language: string): string {
  return new Date(at).toLocaleString(language, { dateStyle: "short", timeStyle: "medium", hour12: false });
}

/** A time as m:ss or h:mm:ss; never negative. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = String(seconds % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}
