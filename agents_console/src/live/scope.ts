/** Of which queue the wallboard tells, or of all; the address of the page says it. */

import { computed } from "vue";
import { useRoute, type RouteLocationRaw } from "vue-router";
import { useWords } from "../words";
import { useCentre } from "./centre";
import { TOTAL } from "./picture";

export function useScope() {
  const [centre, route] = [useCentre(), useRoute()];
  const { t } = useWords();
  const asked = computed(() => (typeof route.query["queue"] === "string" ? route.query["queue"] : TOTAL));
  const scope = computed(() => (centre.queues.has(asked.value) ? asked.value : TOTAL));
  const scopes = computed(() => [TOTAL, ...centre.queues.keys()]);
  const titleOf = (each: string): string => centre.queues.get(each)?.title ?? t("scope.total");

  /** The same page, telling of another. */
  function addressOf(each: string): RouteLocationRaw {
    const { queue: _, ...query } = route.query;
    return { path: "/", query: each === TOTAL ? query : { ...query, queue: each } };
  }
  return { scope, scopes, titleOf, addressOf };
}
