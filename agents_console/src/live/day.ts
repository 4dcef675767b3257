/** The course of the day, as the server counts it: asked for now and then, since it changes by the quarter of an hour. */

import { computed, onMounted, onUnmounted, ref, shallowRef, watch, type Ref } from "vue";
import { dayOfFigures } from "../api";
import type { DayBefore, FigureDayAnswer } from "../wire";

const LOOK_MS = 60_000;

export type Minutes = "15" | "30";

/** What is known of today, of a queue or of all. While it cannot be had, the last stays and `away` is true. */
export function useDay(scope: Ref<string>, minutes: Ref<Minutes>) {
  const day = shallowRef<FigureDayAnswer | null>(null);
  const away = ref(false);
  let timer: ReturnType<typeof setInterval>;
  let asking = 0;

  async function look(): Promise<void> {
    const number = ++asking;
    try {
      const told = await dayOfFigures(scope.value, minutes.value);
      if (number === asking) [day.value, away.value] = [told, false];
    } catch {
      if (number === asking) away.value = true;
    }
  }

  onMounted(() => {
    void look();
    timer = setInterval(look, LOOK_MS);
  });
  onUnmounted(() => {
    asking++;
    clearInterval(timer);
  });
  watch(scope, () => (day.value = null));
  watch([scope, minutes], look);

  /** How each figure was on the days before. */
  const before = computed(() => new Map(day.value?.figures.map((figure): [string, readonly DayBefore[]] => [figure.key, figure.before])));
  return { day, away, before };
}
