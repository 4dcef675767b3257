/** The line over which a live call is read. The browser takes it up again by itself after a loss; when the server
 *  refused it, it is tried again here. */

import { onScopeDispose, ref, shallowRef, watch } from "vue";
import type { LiveTranscript, LiveTranscriptChange, LiveTranscriptEnd } from "../wire";
import { afterChange, fromPicture, type Said } from "./said";

export type ReadingLine = "closed" | "connecting" | "live" | "lost";

const AGAIN_MS = 3_000;

/** Reads the call as long as `open` says so, and until the server ends it; what was read stays. Not while nobody looks
 *  at the page: a browser has six connections to a server for all its tabs, and such a line takes one. */
export function useReading(callId: () => string, open: () => boolean) {
  const said = shallowRef<Said | null>(null);
  const line = ref<ReadingLine>("closed");
  const hidden = ref(document.hidden);
  const seen = (): void => void (hidden.value = document.hidden);
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function close(): void {
    clearTimeout(timer);
    source?.close();
    source = null;
    line.value = "closed";
  }

  function begin(): void {
    close();
    line.value = "connecting";
    const opened = (source = new EventSource(`/api/calls/${encodeURIComponent(callId())}/live-transcript`));
    const on = <T>(name: string, take: (told: T) => void) =>
      opened.addEventListener(name, (event) => {
        if (opened !== source) return;
        line.value = "live";
        take(JSON.parse((event as MessageEvent<string>).data) as T);
      });
    on<LiveTranscript>("picture", (told) => (said.value = fromPicture(said.value, told)));
    on<LiveTranscriptChange>("change", (told) => said.value && (said.value = afterChange(said.value, told)));
    on<LiveTranscriptEnd>("end", close);
    opened.onerror = () => {
      if (opened !== source) return;
      line.value = "lost";
      if (opened.readyState === EventSource.CLOSED) timer = setTimeout(begin, AGAIN_MS);
    };
  }

  watch(callId, () => (said.value = null));
  watch([callId, () => open() && !hidden.value], ([, wanted]) => (wanted ? begin() : close()), { immediate: true });
  document.addEventListener("visibilitychange", seen);
  onScopeDispose(() => {
    document.removeEventListener("visibilitychange", seen);
    close();
  });
  return { said, line };
}
