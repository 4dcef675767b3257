/** What a failed request is told as. */

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
