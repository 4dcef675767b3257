import { beforeEach, describe, expect, it, vi } from "vitest";

const AT = Date.parse("2026-11-22T09:00:00.000Z");

/** The clock as a freshly loaded page has it, in a browser whose clock says `AT`. */
async function freshClock() {
  vi.resetModules();
  return import("./clock");
}

beforeEach(() => {
  vi.useFakeTimers({ now: AT });
});

describe("the server's time", () => {
  it("is the browser's until a message tells better", async () => {
    const { now } = await freshClock();
    expect(now()).toBe(AT);
  });

  it("follows the message that was late the least", async () => {
    const { heard, now } = await freshClock();
    for (const late of [900, 40, 300]) heard(new Date(AT + 3_600_000 - late).toISOString());
    expect(now()).toBe(AT + 3_600_000 - 40);
  });

  it("forgets old messages, so that a clock that was put back is noticed", async () => {
    const { heard, now } = await freshClock();
    heard(new Date(AT + 60_000).toISOString());
    for (let count = 0; count < 20; count += 1) heard(new Date(AT).toISOString());
    expect(now()).toBe(AT);
  });

  it("is shown at once when it turns out to be another one, else once a second", async () => {
    const { heard, startClock, thisSecond } = await freshClock();
    startClock();
    heard(new Date(AT + 3_600_000).toISOString());
    expect(thisSecond.value).toBe(AT + 3_600_000);
    vi.advanceTimersByTime(999);
    expect(thisSecond.value).toBe(AT + 3_600_000);
    vi.advanceTimersByTime(1);
    expect(thisSecond.value).toBe(AT + 3_601_000);
  });
});

describe("span", () => {
  it.each([
    [-5, "0:00"],
    [59_999, "0:59"],
    [60_000, "1:00"],
    [3_599_999, "59:59"],
    [3_600_000, "1:00:00"],
    [36_061_000, "10:01:01"],
  ])("%i ms is %s", async (ms, text) => {
    const { span } = await freshClock();
    expect(span(ms)).toBe(text);
  });
});
