/** What the page of flows has at one time: what is written and published, what was typed, and what came of trying it. */

import { computed, onMounted, onUnmounted, ref, shallowRef, watch } from "vue";
import { ApiError } from "../api";
import { useFaults } from "../faults";
import type { FlowChange, FlowCheckAnswer, FlowGraph, FlowsAnswer, FlowTestAnswer } from "../wire";
import * as api from "./api";
import { isClash, keep, keepingMine, kept, met, textOf, typed, unsaved, withoutMine } from "./drafts";
import { mistakesIn } from "./places";

const CHECK_AFTER_MS = 400;
const LOOK_EVERY_MS = 10_000;

export function useFlowWork() {
  const { faultText } = useFaults();
  const told = shallowRef<FlowsAnswer | null>(null);
  const drafts = shallowRef(kept(localStorage));
  const shown = ref("");
  /** The file in the editor: the flow shown, or its tests. */
  const edited = ref("");
  const checked = shallowRef<FlowCheckAnswer | null>(null);
  const checking = ref(false);
  /** The graph of the last text that had the shape of a flow. */
  const graph = shallowRef<FlowGraph | null>(null);
  const tested = shallowRef<FlowTestAnswer | null>(null);
  const testing = ref(false);
  const saving = ref(false);
  const fault = ref("");
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const text = computed({
    get: () => textOf(drafts.value, edited.value),
    set: (now: string) => {
      if (now === textOf(drafts.value, edited.value)) return;
      drafts.value = typed(drafts.value, edited.value, now);
    },
  });
  const mistakes = computed(() => checked.value?.mistakes ?? []);
  const here = computed(() => [...mistakesIn(mistakes.value, edited.value), ...mistakesIn(tested.value?.mistakes ?? [], edited.value)]);
  const dirty = computed(() => drafts.value.typed.size > 0);
  const clash = computed(() => isClash(drafts.value, edited.value));
  const may = (action: FlowsAnswer["allowed_actions"][number]): boolean => told.value?.allowed_actions.includes(action) ?? false;

  /** Whether it was done; what went wrong is told. */
  async function did(deed: () => Promise<void>): Promise<boolean> {
    try {
      await deed();
      fault.value = "";
      return true;
    } catch (error) {
      fault.value = faultText(error);
      return false;
    }
  }

  const look = (): Promise<boolean> =>
    did(async () => {
      told.value = await api.flows();
      drafts.value = met(drafts.value, told.value);
      if (!told.value.files.some(({ name }) => name === shown.value)) shown.value = told.value.files[0]?.name ?? "";
    });

  async function check(): Promise<void> {
    const number = ++asked;
    if (!shown.value) return;
    checking.value = true;
    try {
      const answer = await api.check(unsaved(drafts.value), shown.value);
      if (number !== asked) return;
      checked.value = answer;
      graph.value = answer.graph ?? (graph.value?.flow === flowShown.value ? graph.value : null);
      fault.value = "";
    } catch (error) {
      if (number === asked) fault.value = faultText(error);
    } finally {
      if (number === asked) checking.value = false;
    }
  }

  async function test(): Promise<void> {
    testing.value = true;
    await did(async () => void (tested.value = await api.test(unsaved(drafts.value))));
    testing.value = false;
  }

  /** What was changed in the graph, one after the other, is typed into the texts. */
  async function change(changes: readonly FlowChange[]): Promise<boolean> {
    const done = await did(async () => {
      for (const asked of changes) {
        for (const { name, text } of await api.changed(unsaved(drafts.value), shown.value, asked)) drafts.value = typed(drafts.value, name, text);
      }
    });
    if (done) await check();
    return done;
  }

  /** Write all that was typed. What somebody else has changed meanwhile is left, and told. */
  async function save(): Promise<void> {
    saving.value = true;
    try {
      for (const [name, draft] of drafts.value.typed) {
        if (!isClash(drafts.value, name)) await api.save({ name, ...draft });
      }
      await look();
    } catch (error) {
      const conflict = error instanceof ApiError && error.problem.code === "changed_meanwhile";
      const said = faultText(error);
      if (conflict) await look();
      fault.value = said;
    } finally {
      saving.value = false;
    }
  }

  /** Begin a flow of this name, and show it. Raises ApiError. */
  async function begin(name: string): Promise<void> {
    const file = await api.begin(name);
    await look();
    shown.value = file.name;
  }

  function settle(mine: boolean): void {
    drafts.value = (mine ? keepingMine : withoutMine)(drafts.value, edited.value);
  }

  const flowShown = computed(() => told.value?.files.find(({ name }) => name === shown.value)?.flow ?? "");

  watch(shown, (name) => {
    edited.value = name;
    graph.value = null;
    void check();
  });
  watch(drafts, (now, before) => {
    keep(now, localStorage);
    if (now.typed === before.typed) return;
    clearTimeout(timer);
    timer = setTimeout(() => void check(), CHECK_AFTER_MS);
  });

  let looking: ReturnType<typeof setInterval> | undefined;
  onMounted(() => {
    void look();
    looking = setInterval(() => document.hidden || void look(), LOOK_EVERY_MS);
  });
  onUnmounted(() => {
    clearInterval(looking);
    clearTimeout(timer);
  });

  return { told, drafts, shown, edited, text, checked, checking, graph, tested, testing, saving, fault, mistakes, here, dirty, clash, flowShown, may, look, test, change, save, begin, settle };
}
