/** All words of the page, Chinese first. A key that one language lacks fails the type check. */

import { createI18n, useI18n } from "vue-i18n";
import type { WritableComputedRef } from "vue";
import en from "./en.json";
import formulas from "./formulas.zh-CN.json";
import zh from "./zh-CN.json";
import { keep, kept } from "../kept";

export type Language = "zh-CN" | "en";
export type WordKey = keyof typeof zh;
type Words = Record<keyof typeof zh | keyof typeof en, string>;

const WORDS: Record<Language, Words> = { "zh-CN": zh, en };
const FORMULAS: Record<string, string> = formulas;
const KEPT = "language";

export const words = createI18n({
  legacy: false,
  locale: kept(KEPT) === "en" ? "en" : "zh-CN",
  messages: WORDS,
  messageResolver: (all, key) => (all as Record<string, string>)[key] ?? null,
});

/** Keep the language, and let the document name it. */
export function speak(language: Language): void {
  words.global.locale.value = language;
  keep(KEPT, language);
  document.documentElement.lang = language;
  document.title = words.global.t("title");
}

/** The words of the present language, which change with it. */
export function useWords() {
  const { t, te, locale } = useI18n();
  return {
    language: locale as WritableComputedRef<Language>,
    t: (key: WordKey): string => t(key),
    /** For a value that the settings or the server may have added; `otherwise` when there are no words for it. */
    tOr: (key: string, otherwise: string): string => (te(key) ? t(key) : otherwise),
    /** The formula of a figure; the server tells it in English. */
    formulaOf: (figure: { key: string; formula: string }): string =>
      (locale.value === "zh-CN" && FORMULAS[figure.key]) || figure.formula,
  };
}
