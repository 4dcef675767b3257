/** Doing a deed: ask what it needs, send the request, tell what went wrong. */

import { ElMessage } from "element-plus";
import { ref, shallowRef } from "vue";
import { post } from "../api";
import { useFaults } from "../faults";
import type { Deed } from "./deeds";

export function useDeeds() {
  const { faultText } = useFaults();
  /** The deed about which a dialog asks now. */
  const asked = shallowRef<Deed | null>(null);
  const busy = ref(false);

  function begin(deed: Deed): void {
    if (deed.question || deed.skills || deed.severe) asked.value = deed;
    else void carryOut(deed, "");
  }

  function answered(answer: string | null): void {
    const deed = asked.value!;
    asked.value = null;
    if (answer !== null) void carryOut(deed, answer);
  }

  async function carryOut(deed: Deed, answer: string): Promise<void> {
    const { path, body } = deed.request(answer);
    busy.value = true;
    try {
      await post(path, body);
    } catch (error) {
      ElMessage({ message: faultText(error), type: "error", grouping: true, duration: 8000, showClose: true });
    } finally {
      busy.value = false;
    }
  }

  return { asked, busy, begin, answered };
}
