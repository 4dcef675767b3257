import { beforeEach, expect, it, vi } from "vitest";
import { effectScope, nextTick, ref } from "vue";

const tones: number[] = [];
const closed = vi.fn();

class Sound {
  currentTime = 0;
  destination = {};
  resume = () => Promise.resolve();
  close = closed;
  createGain = () => ({ connect() {}, gain: { setValueAtTime() {}, linearRampToValueAtTime() {} } });
  createOscillator() {
    const frequency = { value: 0 };
    return { frequency, connect() {}, start: () => tones.push(frequency.value), stop() {} };
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
  tones.length = 0;
  closed.mockReset();
  vi.stubGlobal("AudioContext", Sound);
  vi.stubGlobal("document", { title: "", documentElement: {} });
  vi.stubGlobal("window", {});
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
});

it("rings as long as there is an Offer", async () => {
  const { useRing } = await import("./ring");
  const offer = ref<string>();
  const scope = effectScope();
  scope.run(() => useRing(offer, () => ""));
  await vi.advanceTimersByTimeAsync(5_000);
  expect([tones, document.title]).toEqual([[], ""]);
  offer.value = "c1";
  await nextTick();
  const title = document.title;
  await vi.advanceTimersByTimeAsync(3_500);
  expect(tones).toEqual([660, 880, 660, 880]);
  offer.value = undefined;
  await nextTick();
  await vi.advanceTimersByTimeAsync(10_000);
  expect([tones.length, closed.mock.calls.length, document.title === title]).toEqual([4, 1, false]);
  scope.stop();
});

it("is not heard where it is switched off, also by whoever comes back", async () => {
  const { useRing, switchSound } = await import("./ring");
  switchSound();
  vi.resetModules();
  const again = await import("./ring");
  expect(again.audible.value).toBe(false);
  const scope = effectScope();
  scope.run(() => useRing(ref("c1"), () => ""));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(tones).toEqual([]);
  scope.stop();
});
