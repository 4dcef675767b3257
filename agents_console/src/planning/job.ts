/** One question on its way: asked, followed until it is answered, and left when the page asks another. */

import { onUnmounted, ref, shallowRef } from "vue";
import type { PlanningJob } from "../wire";
import { cancelJob, jobOf } from "./api";

const LOOK_EVERY_MS = 700;

export function useJob(faultText: (error: unknown) => string) {
  const job = shallowRef<PlanningJob | null>(null);
  const fault = ref("");
  let asking = 0;

  const over = () => job.value === null || !["waiting", "running"].includes(job.value.state);

  async function follow(ask: () => Promise<PlanningJob>): Promise<void> {
    await leave();
    const number = ++asking;
    fault.value = "";
    try {
      let told = await ask();
      while (number === asking) {
        job.value = told;
        if (over()) return;
        await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
        if (number === asking) told = await jobOf(told.job_id);
      }
      if (told.state === "waiting" || told.state === "running") await cancelJob(told.job_id);
    } catch (error) {
      if (number !== asking) return;
      job.value = null;
      fault.value = faultText(error);
    }
  }

  /** Nobody waits for the answer any more. */
  async function leave(): Promise<void> {
    asking += 1;
    const left = job.value;
    const wasUnderWay = !over();
    job.value = null;
    if (left && wasUnderWay) await cancelJob(left.job_id).catch(() => undefined);
  }

  onUnmounted(() => void leave());
  return { job, fault, follow, leave };
}
