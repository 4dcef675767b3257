/** What a page changes of the settings, and what came of saving it. How to use it: api.ts. */

import { computed, onMounted, reactive, ref, toRefs, type ComputedRef, type Ref } from "vue";
import { ApiError } from "../api";
import { useFaults } from "../faults";
import type { SettingsAnswer, SettingsPart, SettingsRenamed, SettingsSaved, WrittenMistake } from "../wire";
import { saveSettings, settingsHistory, settingsNow, undoSettings, type Change, type Step } from "./api";
import { changesBetween, copied, made, renameSkillOrKey, valueAt, type Entries } from "./changes";

/** Somebody else was quicker: `by` is empty where a file was changed by hand. */
export interface Clash {
  by: string;
  at: string;
}

/** What SaveBar shows and does. */
export interface Saving {
  count: number;
  busy: boolean;
  mistakes: readonly WrittenMistake[];
  fault: string;
  clash: Clash | null;
  saved: SettingsSaved | null;
  whyFixed: string;
  save(note: string): Promise<boolean>;
  discard(): void;
  /** Look again, and keep one's own changes on top of what others wrote. */
  takeTheirs(): Promise<void>;
  undo(): Promise<void>;
}

/** The state of asking for a change, the same for entries and for whole files. */
export function useAsking() {
  const { faultText } = useFaults();
  const state = reactive({
    busy: false,
    mistakes: [] as WrittenMistake[],
    fault: "",
    clash: null as Clash | null,
    saved: null as SettingsSaved | null,
  });

  /** Whether it was done; what was refused is told. */
  async function ask(what: () => Promise<SettingsSaved | void>): Promise<boolean> {
    Object.assign(state, { busy: true, fault: "", mistakes: [], clash: null, saved: null });
    try {
      const saved = (await what()) ?? null;
      state.saved = saved;
      state.mistakes = saved?.mistakes ?? [];
      return true;
    } catch (error) {
      const problem = error instanceof ApiError ? error.problem : null;
      state.mistakes = problem?.mistakes ?? [];
      if (problem?.changed_at) state.clash = { by: problem.changed_by, at: problem.changed_at };
      else state.fault = faultText(error);
      return false;
    } finally {
      state.busy = false;
    }
  }

  /** What was told of a change that is given up. */
  const forget = (): void => void Object.assign(state, { mistakes: [], fault: "", clash: null });

  return { state, ask, forget };
}

/** The newest change over the API is undone, if it can be. */
export async function undoNewest(): Promise<SettingsSaved | void> {
  const { changes, version } = await settingsHistory();
  const newest = changes.find((change) => change.can_be_undone);
  if (newest) return undoSettings(version, newest.number);
}

/** What was undone is not offered to be undone. */
export const withoutUndo = (saved: SettingsSaved | void): SettingsSaved | void => saved && { ...saved, files: [] };

export interface Settings extends Saving {
  answer: SettingsAnswer | null;
  look(): Promise<void>;
  part(section: string): SettingsPart | undefined;
  entries<T = Entries>(section: string): Record<string, T>;
  rename(section: string, old: string, name: string): void;
  isChanged(path: readonly Step[]): boolean;
  /** What stood there before it was changed. */
  before(path: readonly Step[]): unknown;
  mistakesAt(path: readonly Step[]): WrittenMistake[];
}

/** The settings, and a draft of them. Loads when the page opens. */
export function useSettings(): Settings {
  const { state, ask, forget } = useAsking();
  const answer: Ref<SettingsAnswer | null> = ref(null);
  const base: Ref<Entries> = ref({});
  const draft: Ref<Entries> = ref({});
  const renames: Ref<SettingsRenamed[]> = ref([]);
  const changes: ComputedRef<Change[]> = computed(() => [...renames.value, ...changesBetween(base.value, draft.value)]);

  function take(now: SettingsAnswer): void {
    answer.value = now;
    base.value = Object.fromEntries(now.sections.map(({ name, data }) => [name, data ?? {}]));
    draft.value = copied(base.value);
    renames.value = [];
  }

  const look = async (): Promise<void> => void (await ask(async () => take(await settingsNow())));
  const startsWith = (path: readonly Step[], head: readonly Step[]) => head.every((step, at) => String(path[at]) === String(step));

  onMounted(look);
  return reactive({
    answer,
    ...toRefs(state),
    count: computed(() => changes.value.length),
    whyFixed: computed(() => answer.value?.why_fixed ?? ""),
    look,
    part: (section: string) => answer.value?.sections.find(({ name }) => name === section),
    entries: <T>(section: string) => (draft.value[section] ?? {}) as Record<string, T>,
    rename(section: string, old: string, name: string): void {
      if (valueAt(base.value, [section, old]) !== undefined) {
        renames.value.push({ path: [section, old], rename: name });
        renameSkillOrKey(base.value, [section, old], name);
      }
      renameSkillOrKey(draft.value, [section, old], name);
    },
    isChanged: (path: readonly Step[]) => changesBetween(valueAt(base.value, path), valueAt(draft.value, path)).length > 0,
    before: (path: readonly Step[]) => valueAt(base.value, path),
    mistakesAt: (path: readonly Step[]) => state.mistakes.filter((mistake) => startsWith(mistake.path, path)),
    async save(note: string): Promise<boolean> {
      return ask(async () => {
        const saved = await saveSettings(answer.value?.version ?? "", note, changes.value);
        take(await settingsNow());
        return saved;
      });
    },
    discard(): void {
      if (answer.value) take(answer.value);
      forget();
    },
    async takeTheirs(): Promise<void> {
      const mine = copied(changes.value);
      await ask(async () => {
        take(await settingsNow());
        renames.value = mine.filter((change): change is SettingsRenamed => "rename" in change);
        made(base.value, renames.value);
        made(draft.value, mine);
      });
    },
    async undo(): Promise<void> {
      await ask(async () => {
        const saved = withoutUndo(await undoNewest());
        take(await settingsNow());
        return saved;
      });
    },
  }) as Settings;
}
