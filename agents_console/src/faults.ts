/** What a failed request is told as, and work that may fail. */

import { ref } from "vue";
import { ApiError } from "./api";
import { useWords } from "./words";
import { useTold } from "./words/told";

/** What the page itself refuses, in words for people. */
export class Refusal extends Error {}

export function useFaults() {
  const { tOr, language } = useWords();
  const told = useTold();

  /** What happened and what to do about it, in one line. The server's words are sentences or the beginnings of one. */
  function inOneLine(what: string, cure: string): string {
    if (!cure) return what;
    if (/[.。]$/.test(what)) return `${what} ${cure}`;
    const rest = cure.replace(/[.。]$/, "");
    return language.value === "zh-CN" ? `${what}：${rest}。` : `${what}: ${rest}.`;
  }

  return {
    faultText(error: unknown): string {
      if (error instanceof Refusal) return error.message;
      if (!(error instanceof ApiError)) return String(error);
      const { code, what, cure } = error.problem;
      return tOr(`error.${code}`, inOneLine(told(what), told(cure)));
    },
  };
}

/** Work that asks the server: `busy` while it does, `fault` when it failed. Of what is asked again before the answer
 *  has come, only the latest counts. */
export function useWork() {
  const { faultText } = useFaults();
  const busy = ref(false);
  const fault = ref("");
  let asked = 0;

  async function ask<Answer>(what: () => Promise<Answer>, take: (answer: Answer) => void): Promise<void> {
    const mine = ++asked;
    busy.value = true;
    fault.value = "";
    try {
      const answer = await what();
      if (mine === asked) take(answer);
    } catch (error) {
      if (mine === asked) fault.value = faultText(error);
    } finally {
      if (mine === asked) busy.value = false;
    }
  }

  const work = (deed: () => Promise<void>): Promise<void> => ask(deed, () => undefined);

  return { busy, fault, ask, work };
}
