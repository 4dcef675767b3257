// @ts-check
/** Light or dark: what the person chose, else what the system prefers. */

const KEPT = "theme";

/** @returns {"light" | "dark"} */
export function currentTheme() {
  const chosen = localStorage.getItem(KEPT);
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function applyTheme() {
  document.documentElement.dataset["theme"] = currentTheme();
}

export function switchTheme() {
  localStorage.setItem(KEPT, currentTheme() === "dark" ? "light" : "dark");
  applyTheme();
}
