/** What a failed request is told as, and work that may fail. */

import { ref } from "vue";
import { ApiError } from "./api";
import { useWords } from "./words";

export function useFaults() {
  const { tOr } = useWords();
  return {
    faultText(error: unknown): string {
      if (!(error instanceof ApiError)) return String(error);
      const { code, what, cure } = error.problem;
      return tOr(`error.${code}`, `${what} ${cure}`);
    },
  };
}

/** Work that asks the server: `busy` while it does, `fault` when it failed. */
export function useWork() {
  const { faultText } = useFaults();
  const busy = ref(false);
  const fault = ref("");

  async function work(deed: () => Promise<void>): Promise<void> {
    busy.value = true;
    fault.value = "";
    try {
      await deed();
    } catch (error) {
      fault.value = faultText(error);
    } finally {
      busy.value = false;
    }
  }

  return { busy, fault, work };
}
