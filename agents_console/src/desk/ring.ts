/** What calls an agent to the desk while an Offer is open: the tab's title, a sound, the desktop. */

import { ref, watch, type Ref } from "vue";
import { words } from "../words";
import { keep, kept } from "../kept";

const BLINK_MS = 1_000;
const EVERY_MS = 3_000;
const TONES_HZ = [660, 880] as const;
const TONE_S = 0.22;
const QUIET = 0.06;
const KEPT = "ring-sound";

const heardBefore = kept(KEPT) !== "off";

/** Whether the ring is heard at this computer. */
export const audible = ref(heardBefore);

/** What the browser lets us show on the desktop. */
export const desktop = ref<NotificationPermission>("Notification" in window ? Notification.permission : "denied");

export function switchSound(): void {
  audible.value = !audible.value;
  keep(KEPT, audible.value ? "on" : "off");
}

export async function askForDesktop(): Promise<void> {
  desktop.value = await Notification.requestPermission();
}

/** Ring as long as there is an `offer` (its call's id); `about` is what the desktop is told: nobody's number or name,
 *  since anybody may look there. */
export function useRing(offer: Ref<string | undefined>, about: () => string): void {
  watch(
    offer,
    (callId, _, onCleanup) => {
      if (!callId) return;
      const ends = [blink(), sound(), notify(callId, about())];
      onCleanup(() => ends.forEach((end) => end()));
    },
    { immediate: true },
  );
}

function blink(): () => void {
  let rings = false;
  const beat = () => {
    rings = !rings;
    document.title = words.global.t(rings ? "ring.title" : "title");
  };
  beat();
  const timer = setInterval(beat, BLINK_MS);
  return () => {
    clearInterval(timer);
    document.title = words.global.t("title");
  };
}

function sound(): () => void {
  let context: AudioContext | null = null;
  const ring = () => {
    if (!audible.value) return;
    context ??= new AudioContext();
    // A page that nobody has touched yet stays silent, and the ring may end before that.
    context.resume().catch(() => undefined);
    const [output, now] = [context.createGain(), context.currentTime];
    output.connect(context.destination);
    TONES_HZ.forEach((hertz, place) => tone(context!, output, hertz, now + place * TONE_S));
  };
  ring();
  const timer = setInterval(ring, EVERY_MS);
  return () => {
    clearInterval(timer);
    void context?.close();
  };
}

function tone(context: AudioContext, output: GainNode, hertz: number, at: number): void {
  const oscillator = context.createOscillator();
  oscillator.frequency.value = hertz;
  output.gain.setValueAtTime(0, at);
  output.gain.linearRampToValueAtTime(QUIET, at + 0.02);
  output.gain.linearRampToValueAtTime(0, at + TONE_S);
  oscillator.connect(output);
  oscillator.start(at);
  oscillator.stop(at + TONE_S);
}

function notify(callId: string, about: string): () => void {
  if (desktop.value !== "granted") return () => {};
  const shown = new Notification(words.global.t("ring.title"), { body: about, tag: callId, silent: true });
  shown.onclick = () => window.focus();
  return () => shown.close();
}
