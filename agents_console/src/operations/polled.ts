/** What is asked again and again while a page is looked at. */

import { onMounted, onUnmounted, ref, shallowRef } from "vue";
import { useFaults } from "../faults";

/** Ask at once, and again `everyMs` after each answer; not while the page is hidden. The last answer stays while
 *  asking fails. */
export function usePolled<T>(ask: () => Promise<T>, everyMs: number) {
  const { faultText } = useFaults();
  const answer = shallowRef<T | null>(null);
  const fault = ref("");
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;

  async function look(): Promise<void> {
    clearTimeout(timer);
    try {
      if (!document.hidden) answer.value = await ask();
      fault.value = "";
    } catch (error) {
      fault.value = faultText(error);
    }
    if (!over) timer = setTimeout(look, everyMs);
  }

  const seenAgain = (): void => void (document.hidden || look());
  onMounted(() => {
    document.addEventListener("visibilitychange", seenAgain);
    void look();
  });
  onUnmounted(() => {
    over = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", seenAgain);
  });
  return { answer, fault, look };
}
