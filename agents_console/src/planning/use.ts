/** A question of planning, with the words for what goes wrong. */

import { ApiError } from "../api";
import { useFaults } from "../faults";
import { useWords } from "../words";
import { useJob } from "./job";

export function usePlanning() {
  const { t } = useWords();
  const { faultText } = useFaults();
  return useJob((error) => {
    if (!(error instanceof ApiError)) return faultText(error);
    if (error.problem.status === 404) return t("planning.lost");
    const text = faultText(error);
    return error.problem.code === "bad_arrivals" ? `${text} ${error.problem.what}` : text;
  });
}
