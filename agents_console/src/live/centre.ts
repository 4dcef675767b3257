/** The centre as the server tells it: one store for every page. */

import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { Connection, type LineState } from "./connection";
import { TOTAL, type Picture } from "./picture";

export const useCentre = defineStore("centre", () => {
  const picture = shallowRef<Picture | null>(null);
  const line = ref<LineState>("connecting");
  const failures = ref(0);
  let connection: Connection | null = null;

  /** Follow the centre until `close`; `loggedOut` when the session has ended meanwhile. */
  function open(loggedOut: () => void): void {
    close();
    connection = new Connection({
      told: (next) => (picture.value = next),
      line: (state, failed) => ([line.value, failures.value] = [state, failed]),
      loggedOut,
    });
  }

  /** Follow no more, and forget what was told. */
  function close(): void {
    connection?.end();
    connection = null;
    picture.value = null;
  }

  const agents = computed<Picture["agent"]>(() => picture.value?.agent ?? new Map());
  const calls = computed<Picture["call"]>(() => picture.value?.call ?? new Map());
  const queues = computed<Picture["queue"]>(() => picture.value?.queue ?? new Map());
  const figures = computed<Picture["kpi"]>(() => picture.value?.kpi ?? new Map());
  const health = computed<Picture["health"]>(() => picture.value?.health ?? new Map());
  const fairness = computed(() => picture.value?.fairness.get(TOTAL));
  const viewer = computed(() => picture.value?.viewer ?? null);
  /** The viewer's own agent. */
  const own = computed(() => agents.value.get(viewer.value?.agent_id ?? ""));

  return { picture, line, failures, open, close, agents, calls, queues, figures, health, fairness, viewer, own };
});
