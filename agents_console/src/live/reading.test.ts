import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, nextTick, ref, type EffectScope } from "vue";
import type { LiveTranscript } from "../wire";
import { useReading } from "./reading";
import { linesOf } from "./said";

class FakeSource {
  static readonly CLOSED = 2;
  static opened: FakeSource[] = [];
  readyState = 0;
  onerror: (() => void) | undefined;
  #takers = new Map<string, (event: { data: string }) => void>();

  constructor(readonly url: string) {
    FakeSource.opened.push(this);
  }

  addEventListener(name: string, take: (event: { data: string }) => void): void {
    this.#takers.set(name, take);
  }

  tell(name: string, told: object): void {
    this.#takers.get(name)!({ data: JSON.stringify(told) });
  }

  fail(state: number): void {
    this.readyState = state;
    this.onerror?.();
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }
}

const PICTURE: LiveTranscript = {
  began_at: "2026-11-22T10:00:00.000Z",
  reading: "heard",
  why: null,
  utterances: [{ number: 1, side: "caller", text: "민원", is_final: false, lost: false, at: "2026-11-22T10:00:01.000Z" }],
};
class FakePage extends EventTarget {
  hidden = false;

  hide(hidden: boolean): void {
    this.hidden = hidden;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

const newest = () => FakeSource.opened.at(-1)!;
const [callId, open] = [ref("c1"), ref(true)];
let scope: EffectScope;
let page: FakePage;
let reading: ReturnType<typeof useReading>;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeSource);
  vi.stubGlobal("document", (page = new FakePage()));
  FakeSource.opened = [];
  [callId.value, open.value] = ["c1", true];
  scope = effectScope();
  reading = scope.run(() => useReading(() => callId.value, () => open.value))!;
});

afterEach(() => {
  scope.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the line of a live transcript", () => {
  it("takes the picture and its changes", () => {
    expect(newest().url).toBe("/api/calls/c1/live-transcript");
    newest().tell("picture", PICTURE);
    newest().tell("change", { reading: "heard", why: null, utterances: [{ ...PICTURE.utterances[0], text: "민원 접수" }] });
    expect(linesOf(reading.said.value).map(({ text }) => text)).toEqual(["민원 접수"]);
    expect(reading.line.value).toBe("live");
  });

  it("is taken up again by the browser, or here when it was refused", () => {
    newest().tell("picture", PICTURE);
    newest().fail(0);
    expect(reading.line.value).toBe("lost");
    vi.advanceTimersByTime(10_000);
    expect(FakeSource.opened).toHaveLength(1);
    newest().fail(FakeSource.CLOSED);
    vi.advanceTimersByTime(3_000);
    expect(FakeSource.opened).toHaveLength(2);
    expect(linesOf(reading.said.value)).toHaveLength(1);
  });

  it("ends when the server says so, and stays ended", async () => {
    newest().tell("picture", PICTURE);
    newest().tell("end", { reason: "not_yours" });
    newest().fail(FakeSource.CLOSED);
    vi.advanceTimersByTime(10_000);
    expect(FakeSource.opened).toHaveLength(1);
    expect([reading.line.value, linesOf(reading.said.value).length]).toEqual(["closed", 1]);
  });

  it("is closed while nobody looks at the page", async () => {
    newest().tell("picture", PICTURE);
    page.hide(true);
    await nextTick();
    expect(newest().readyState).toBe(FakeSource.CLOSED);
    page.hide(false);
    await nextTick();
    expect([FakeSource.opened.length, reading.line.value, linesOf(reading.said.value).length]).toEqual([2, "connecting", 1]);
  });

  it("is closed while nobody wants it, and another call begins empty", async () => {
    newest().tell("picture", PICTURE);
    open.value = false;
    await nextTick();
    expect([reading.line.value, newest().readyState]).toEqual(["closed", FakeSource.CLOSED]);
    [callId.value, open.value] = ["c2", true];
    await nextTick();
    expect([newest().url, reading.said.value]).toEqual(["/api/calls/c2/live-transcript", null]);
  });
});
