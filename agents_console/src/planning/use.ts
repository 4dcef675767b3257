/** A question of planning, with the words for what goes wrong. */

import { computed } from "vue";
import { ApiError } from "../api";
import { useFaults } from "../faults";
import type { PlanningFailure } from "../wire";
import { useWords } from "../words";
import { useJob } from "./job";

export function usePlanning() {
  const { t, tOr } = useWords();
  const { faultText } = useFaults();

  /** Of arrivals that are wrong it is told where. */
  function told({ code, what, cure }: Pick<PlanningFailure, "code" | "what" | "cure">): string {
    const text = tOr(`error.${code}`, `${what} ${cure}`);
    return code === "bad_arrivals" ? `${text} ${what}` : text;
  }

  const { job, fault: asking, follow, leave } = useJob((error) => {
    if (!(error instanceof ApiError)) return faultText(error);
    return error.problem.status === 404 ? t("planning.lost") : told(error.problem);
  });
  /** What went wrong with the asking, or with the answer. */
  const fault = computed(() => asking.value || (job.value?.failure ? told(job.value.failure) : ""));
  return { job, fault, follow, leave };
}
