import { describe, expect, it } from "vitest";
import type { PlannedDay, PlanningBasis, WhatIfFigure } from "../wire";
import { anyQueue, anyShift, dayIn, firstStaffing, firstWhatIf, instantIn, kept, restored, staffingAsked, whatIfAsked } from "./asked";
import { busyPart, sidesOption, staffOption } from "./chart";
import { csvOf } from "./csv";
import { bounds, difference, figure } from "./shown";

const BASIS = {
  since_at: "2026-10-24T16:00:00.000Z",
  until_at: "2026-11-21T16:00:00.000Z",
  time_zone: "Asia/Shanghai",
  calls: 900,
  enough_calls: true,
  queues: [{ name: "general", title: "General", calls: 900, handle_s: 130, level: 0.9, settings: {} }],
  agents: [{ agent_id: "1001", name: "Ann", skills: { zh: 9, ko: 4 } }],
  strategies: ["longest_idle"],
  call_choices: ["priority"],
  call_choice: "priority",
  skills: ["ko", "zh"],
} as unknown as PlanningBasis;

describe("the centre's wall clock", () => {
  it("is the one that counts, wherever the page is looked at", () => {
    expect(instantIn("2026-11-22T08:00", "Asia/Shanghai")).toBe("2026-11-22T00:00:00.000Z");
    expect(instantIn("2026-03-29T04:30", "Europe/Berlin")).toBe("2026-03-29T02:30:00.000Z");
    expect(instantIn("2026-03-29T01:30", "Europe/Berlin")).toBe("2026-03-29T00:30:00.000Z");
    expect(dayIn("2026-11-21T16:00:00.000Z", "Asia/Shanghai")).toBe("2026-11-22");
    expect(instantIn("", "Asia/Shanghai")).toBe("");
  });
});

describe("the staffing form", () => {
  it("begins with the last weeks, and asks for whole days", () => {
    const first = firstStaffing(BASIS);
    expect([first.from, first.to]).toEqual(["2026-10-25", "2026-11-21"]);
    expect(staffingAsked(first, BASIS.time_zone)).toEqual({
      since: BASIS.since_at,
      until: BASIS.until_at,
      arrivals: null,
      queue: null,
      interval_min: 30,
      handle_s: null,
      target_s: null,
      level: null,
      answer_rate: null,
      gives_up: true,
      patience_s: null,
      max_occupancy: 0.85,
      shrinkage: 0.2,
      replications: 20,
      seed: 1,
    });
  });

  it("asks for given numbers without a past", () => {
    const form = { ...firstStaffing(BASIS), of: "given" as const, arrivals: "weekday,time,calls", callers: "own" as const, patience: "45", level: "92.5", handle: "180" };
    const asked = staffingAsked(form, BASIS.time_zone);
    expect([asked.since, asked.until, asked.arrivals, asked.patience_s, asked.level, asked.handle_s]).toEqual([null, null, "weekday,time,calls", 45, 0.925, 180]);
    expect(staffingAsked({ ...form, callers: "never" }, BASIS.time_zone).gives_up).toBe(false);
  });
});

describe("the address", () => {
  it("keeps what differs, and gives it back", () => {
    const first = firstWhatIf(BASIS);
    expect(kept(first, first)).toEqual({});
    const form = { ...first, absent: ["1001"], shifts: [anyShift()], allNew: true };
    const address = kept(form, first);
    expect(restored(address["ask"], first)).toEqual(form);
    expect(address["ask"]).not.toContain("seed");
  });

  it("tells a list that grew from its beginning", () => {
    const first = firstWhatIf(BASIS);
    const form = restored(null, first);
    form.shifts.push(anyShift());
    expect(kept(form, first)).toEqual({ ask: JSON.stringify({ shifts: [anyShift()] }) });
  });

  it("does no harm when somebody has cut or changed it", () => {
    const first = firstWhatIf(BASIS);
    for (const ask of ['{"seed', "7", '{"shifts":"x","nothing":1,"allNew":"yes"}', undefined, ["a"]]) expect(restored(ask, first)).toEqual(first);
  });
});

describe("the what-if form", () => {
  it("asks for what is changed, and leaves the rest", () => {
    const form = {
      ...firstWhatIf(BASIS),
      queues: [{ ...anyQueue("general"), strategy: "ring_all", max_wait_sec: "90" }],
      skills: [
        { agent: "1001", skill: "ko", level: "0" },
        { agent: "1001", skill: "zh", level: "5" },
      ],
      absent: ["1001"],
      shifts: [{ ...anyShift(), like: "1001" }],
    };
    const asked = whatIfAsked(form, BASIS);
    expect(asked.queues).toEqual({
      general: { strategy: "ring_all", max_wait_sec: 90, answer_within_sec: null, max_waiting: null, ring_timeout_sec: null, wrap_up_max_sec: null, priority: null, skills: null },
    });
    expect(asked.skills).toEqual({ "1001": { zh: 5 } });
    expect(asked.shifts).toEqual([{ count: 2, begins: "09:00", ends: "18:00", like: "1001" }]);
    expect([asked.since, asked.until, asked.call_choice]).toEqual(["2026-11-20T16:00:00.000Z", BASIS.until_at, null]);
    expect(whatIfAsked({ ...form, allNew: true }, BASIS).absent).toEqual([]);
  });
});

const interval = (begins: string, calls: number, agents: number) => ({ begins, calls, agents, scheduled: agents + 1, formula_agents: agents });
const DAY = { weekday: "mon", intervals: [interval("00:00", 0, 0), interval("01:00", 0, 0), interval("02:00", 3.25, 2), interval("03:00", 0, 0), interval("04:00", 0, 0)] } as unknown as PlannedDay;
const COLOURS = { ink: "i", soft: "s", faint: "f", card: "c", font: "", fontPx: 12, series: ["a", "b", "c"] };
const estimate = (mean: number, half: number) => ({ mean, low: mean - half, high: mean + half });

describe("the pictures", () => {
  it("show the part of the day in which anything happens", () => {
    expect(busyPart(DAY).map(({ begins }) => begins)).toEqual(["01:00", "02:00", "03:00"]);
    const option = staffOption(DAY, { calls: "C", agents: "A", scheduled: "S", formula: "F" }, COLOURS);
    expect(option.series.map(({ name, data }) => [name, data])).toEqual([
      ["C", [0, 3.3, 0]],
      ["S", [1, 3, 1]],
      ["A", [0, 2, 0]],
      ["F", [0, 2, 0]],
    ]);
  });

  it("show both sides with their bounds", () => {
    const figures = [{ key: "abandonment", before: estimate(0.2, 0.05), after: estimate(0.1, 0.05) }] as unknown as WhatIfFigure[];
    const option = sidesOption(figures, "ratio", { before: "B", after: "A", nameOf: (key) => key }, COLOURS);
    expect(option.series.map(({ type }) => type)).toEqual(["bar", "bar", "custom", "custom"]);
    expect(option.yAxis.max).toBe(1);
    expect(option.series[2]!.data).toEqual([[0, expect.closeTo(0.15), 0.25]]);
  });
});

describe("words for estimates", () => {
  it("tell short waits with tenths, and differences with their sign", () => {
    expect([figure("ms", 8_250), figure("ms", 90_000), figure("ratio", 0.5), figure("count", null)]).toEqual(["8.3 s", "1:30", "50.0%", "–"]);
    expect([difference("ms", -1_500), difference("ratio", 0.01), difference("count", 0), difference("ms", -4)]).toEqual(["−1.5 s", "+1.0%", "0", "0.0 s"]);
    expect(bounds(estimate(0.2, 0.05), (value) => value.toFixed(2))).toBe("0.15 … 0.25");
    expect(bounds({ mean: 1, low: null, high: null }, String)).toBe("");
  });

  it("stay words in a spreadsheet", () => {
    expect(csvOf([["a", "=1+1", 'say "x", y', 0.123456, null]])).toBe("\ufeffa,'=1+1,\"say \"\"x\"\", y\",0.1235,\r\n");
  });
});
