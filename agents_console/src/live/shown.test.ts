import { describe, expect, it } from "vitest";
import type { Agent, Call, Kpi } from "../wire";
import { inOrder, reasonTells, sharing, shownPresence, timerOf } from "./agents";
import { byWaiting, waits, waitsOnTheLine, whereabouts } from "./calls";
import { difference, headlines, listOf, parts, shown } from "./figures";
import { afterChanges, fromSnapshot, type Picture } from "./picture";
import { recorded } from "./recorded";

/** The supervisor's picture right after the message that makes `is` true. */
function pictureWhen(is: (picture: Picture) => boolean): Picture {
  const { messages } = recorded("supervisor");
  let picture: Picture | null = null;
  for (const message of messages) {
    if (message.type === "snapshot") picture = fromSnapshot(message);
    else if (message.type === "changes") picture = picture && afterChanges(picture, message);
    if (picture && is(picture)) return picture;
  }
  throw new Error("it never was so");
}

const phaseOf = (id: string, phase: Call["phase"]) => pictureWhen(({ call }) => call.get(id)?.phase === phase);
const figure = (facts: Partial<Kpi>): Kpi => ({
  scope: "total",
  key: "answered",
  value: 1,
  unit: "count",
  formula: "",
  numerator: null,
  denominator: null,
  target: null,
  target_met: null,
  opens: [],
  ...facts,
});

describe("an agent", () => {
  it("whose caller is on hold holds, since the hold began", () => {
    const { agent, call } = phaseOf("c1", "held");
    const [one, held] = [agent.get("1001")!, call.get("c1")!];
    expect(shownPresence(one, held)).toBe("on_hold");
    expect(timerOf(one, held)).toEqual({ since: held.since_at });
    expect(held.since_at).not.toBe(one.since_at);
  });

  it("in wrap-up shows what is missing, and the time that is left", () => {
    const one = pictureWhen(({ agent }) => agent.get("1001")?.presence === "wrap_up").agent.get("1001")!;
    expect(reasonTells(one)).toBe(true);
    expect(timerOf(one, undefined)).toEqual({ until: one.until_at });
  });

  it("who is busy stands before one who is not, and longer before shorter", () => {
    const { agent } = phaseOf("c1", "talking");
    const [busy, ready] = [agent.get("1001")!, agent.get("1002")!];
    const waiting: Agent = { ...ready, agent_id: "1003", since_at: "2023-11-14T22:13:20.500Z" };
    expect(inOrder([ready, waiting, busy]).map(({ agent_id }) => agent_id)).toEqual(["1001", "1003", "1002"]);
  });

  it("has a share of all calls, where the viewer may know", () => {
    const { agent, fairness } = pictureWhen((picture) => picture.fairness.get("total")?.calls === 1);
    const one = agent.get("1001")!;
    expect(sharing(one, fairness.get("total"))).toEqual({ calls: 1, percent: 100 });
    expect(sharing({ ...one, calls: 0 }, { ...fairness.get("total")!, calls: 0 })).toEqual({ calls: 0, percent: null });
    expect(sharing({ ...one, calls: null }, fairness.get("total"))).toBeNull();
    expect(sharing({ ...one, presence: "logged_out" }, fairness.get("total"))).toBeNull();
  });
});

describe("a call", () => {
  it("is in the flow, then in its queue, then with whom it rings, then with its agent", () => {
    const place = ({ call, queue, agent }: Picture) => whereabouts(call.get("c1")!, queue, agent, "rings");
    expect(place(phaseOf("c1", "in_flow"))).toBe("menu");
    expect(place(phaseOf("c1", "queued"))).toBe("综合受理");
    expect(place(pictureWhen(({ call }) => call.get("c1")?.offers.length === 1))).toBe("综合受理 · 陈晓雯 rings");
    expect(place(phaseOf("c1", "talking"))).toBe("综合受理 · 陈晓雯");
  });

  it("waits on the line or to be called back, longest first", () => {
    const queued = phaseOf("c2", "queued").call.get("c2")!;
    const back: Call = { ...queued, call_back_of: "c0", queued_at: "2023-11-14T22:13:00.000Z" };
    const promised: Call = { ...queued, phase: "promised" };
    expect([queued, back, promised].map(waits)).toEqual([true, true, true]);
    expect([queued, back, promised].map(waitsOnTheLine)).toEqual([true, false, false]);
    expect([queued, back].sort(byWaiting)).toEqual([back, queued]);
    expect(waits(phaseOf("c1", "talking").call.get("c1")!)).toBe(false);
  });
});

describe("a figure", () => {
  it.each([
    ["count", 12.4, "12"],
    ["ratio", 0.8675, "86.8%"],
    ["ratio", 1, "100%"],
    ["ms", 61_900, "1:01"],
    ["ratio", null, "–"],
  ] as const)("in %s: %s is shown as %s", (unit, value, text) => {
    expect(shown(unit, value)).toBe(text);
  });

  it("tells what it was divided from: counts, or times", () => {
    expect(parts(figure({ unit: "ratio", numerator: 7, denominator: 8 }))).toEqual([["numerator", "7"], ["denominator", "8"]]);
    expect(parts(figure({ unit: "ms", numerator: 60_000, denominator: 8 }))).toEqual([["numerator", "1:00"], ["denominator", "8"]]);
    expect(parts(figure({ key: "occupancy", unit: "ratio", numerator: 60_000, denominator: 90_000 }))).toEqual([["numerator", "1:00"], ["denominator", "1:30"]]);
    expect(parts(figure({}))).toEqual([]);
  });

  it("leads to the calls of each number that counts any", () => {
    const rate = figure({ key: "service_level", unit: "ratio", scope: "general", opens: ["numerator", "denominator"] });
    expect(listOf(rate, "numerator")).toEqual({
      path: "/history",
      query: { figure: "service_level", part: "numerator", scope: "general" },
    });
    expect(listOf(rate, "value")).toBeNull();
    expect(listOf(figure({ key: "longest_wait_ms", scope: "general" }), "value")).toEqual({
      path: "/",
      query: { queue: "general" },
      hash: "#waiting",
    });
  });

  it("differs from another day by points, times or counts", () => {
    const day = (change: number | null) => ({ day: "yesterday" as const, value: 1, change, is_better: null });
    expect(difference("ratio", day(-0.031))).toBe("▼ 3.1");
    expect(difference("ms", day(61_000))).toBe("▲ 1:01");
    expect(difference("count", day(0))).toBe("= 0");
    expect(difference("count", day(null))).toBe("–");
  });

  it("is large when it is one of the first eight that matter", () => {
    const keys = ["answered", "loss_rate", "connect_rate", "offered"];
    const large = headlines(keys.map((key) => figure({ key })));
    expect(large.map(({ key }) => key)).toEqual(["connect_rate", "offered", "answered"]);
    const many = ["calls_in", "offered", "answered", "abandoned", "asa_ms", "aht_ms", "occupancy", "service_level", "connect_rate"];
    expect(headlines(many.map((key) => figure({ key }))).length).toBe(8);
  });
});
