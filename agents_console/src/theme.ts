/** Light or dark: what the person chose, else what the system prefers. */

import { ref } from "vue";
import { keep, kept } from "./kept";

export type Theme = "light" | "dark";

const KEPT = "theme";

function preferred(): Theme {
  const chosen = kept(KEPT);
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export const theme = ref<Theme>(preferred());

export function applyTheme(): void {
  document.documentElement.dataset["theme"] = theme.value;
}

export function switchTheme(): void {
  theme.value = theme.value === "dark" ? "light" : "dark";
  keep(KEPT, theme.value);
  applyTheme();
}
