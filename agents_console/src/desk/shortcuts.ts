/** Keys for what an agent does, where nothing is being typed. */

import type { AgentAction } from "../wire";

/** Of the actions of a key, the one that the server allows now is meant. */
export const KEYS: Readonly<Record<string, readonly AgentAction[]>> = {
  L: ["login"],
  R: ["ready"],
  P: ["pause"],
  O: ["logout"],
  H: ["hold", "retrieve"],
  T: ["transfer"],
  X: ["hang-up", "decline"],
  D: ["disposition"],
  E: ["extend-wrap-up"],
  W: ["end-wrap-up"],
  C: ["consult", "complete-transfer"],
  S: ["swap"],
  F: ["conference"],
  B: ["end-consult"],
  K: ["keys"],
  G: ["dial-out"],
  J: ["change-phone"],
};

/** At the telephone of the page. */
export const ANSWER_KEY = "A";
export const MUTE_KEY = "M";

/** Leads into the ticket's form; Escape leads out of it. */
export const TICKET_KEY = "N";
export const SHEET_KEY = "?";

const PRESSED = ["button", "checkbox", "radio", "submit"];

/** The key is part of a text, or moves within something that has keys of its own. */
function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  if (!element?.closest) return false;
  if (element.matches("input")) return !PRESSED.includes((element as HTMLInputElement).type);
  return element.closest("textarea, select, [contenteditable], [role=combobox], [role=menu], [role=listbox]") !== null;
}

/** The key that was pressed as a shortcut, as KEYS writes it; null for every other press. */
export function shortcutOf(event: KeyboardEvent): string | null {
  if (event.defaultPrevented || event.repeat || event.isComposing) return null;
  if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return null;
  return event.key.length === 1 ? event.key.toUpperCase() : null;
}

/** The action that this key means now. */
export function actionOf(key: string, allowed: readonly AgentAction[]): AgentAction | undefined {
  return KEYS[key]?.find((action) => allowed.includes(action));
}
