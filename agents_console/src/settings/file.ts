/** One whole file of the settings, as its text. */

import { computed, reactive, ref, toRefs, watch, type Ref } from "vue";
import { checkSettingsFile, saveSettingsFile, settingsFile } from "./api";
import { undoNewest, useAsking, withoutUndo, type Saving } from "./draft";

export interface SettingsFile extends Saving {
  text: string;
  version: string;
  look(): Promise<void>;
  /** Ask whether the file could say this, and write nothing. */
  check(): Promise<void>;
}

/** The file of this name (none while it is empty), loaded whenever the name changes. */
export function useSettingsFile(name: Ref<string>, whyFixed: Ref<string>): SettingsFile {
  const { state, ask, forget } = useAsking();
  const [written, text, version] = [ref(""), ref(""), ref("")];

  async function take(keep = false): Promise<void> {
    const now = await settingsFile(name.value);
    if (now.name !== name.value) return; // another was chosen meanwhile
    [written.value, version.value] = [now.text, now.version];
    if (!keep) text.value = now.text;
  }

  const look = async (): Promise<void> => void (await ask(() => take()));
  watch(name, (chosen) => chosen && void look(), { immediate: true });

  return reactive({
    text,
    version,
    ...toRefs(state),
    whyFixed,
    count: computed(() => (text.value === written.value ? 0 : 1)),
    look,
    check: async (): Promise<void> => void (await ask(() => checkSettingsFile(name.value, text.value))),
    save: (note: string): Promise<boolean> =>
      ask(async () => {
        const saved = await saveSettingsFile(name.value, version.value, note, text.value);
        await take();
        return saved;
      }),
    discard(): void {
      text.value = written.value;
      forget();
    },
    takeTheirs: async (): Promise<void> => void (await ask(() => take(true))),
    undo: async (): Promise<void> =>
      void (await ask(async () => {
        const saved = withoutUndo(await undoNewest());
        await take();
        return saved;
      })),
  }) as SettingsFile;
}
