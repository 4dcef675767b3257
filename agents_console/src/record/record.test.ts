import { describe, expect, it } from "vitest";
import type { CallDetail, DecisionsAnswer } from "../wire";
import { conversation, heardAt, marked, moments } from "./record";

const said = (leg: string, ...segments: Record<string, unknown>[]) => ({
  leg,
  language: "zh",
  engine: "vosk",
  model: "m",
  text: "",
  segments,
});
const CALL = {
  transcripts: [
    said("caller", { text: "路灯坏了", start_ms: 2000, end_ms: 3500 }, { text: "谢谢", start_ms: 9000, end_ms: 9500 }),
    said("agent", { text: "您好", start_ms: 300, end_ms: 900 }, { text: "请稍等" }),
  ],
} as unknown as CallDetail;

describe("the conversation", () => {
  it("has both sides in the order in which they spoke", () => {
    expect(conversation(CALL).map(({ leg, text }) => [leg, text])).toEqual([
      ["agent", "您好"],
      ["caller", "路灯坏了"],
      ["caller", "谢谢"],
    ]);
  });

  it("is cut at its words, where they are told", () => {
    const words = (...texts: string[]) => texts.map((text, place) => ({ text, start_ms: place * 100, end_ms: 0 }));
    const call = (text: string, told: unknown) =>
      ({ transcripts: [said("caller", { text, words: told, start_ms: 0, end_ms: 900 })] }) as unknown as CallDetail;
    const cut = (text: string, told: unknown) => conversation(call(text, told))[0]!.words.map((word) => word.text);
    expect(cut("路灯坏了。", words("路灯", "坏了"))).toEqual(["路灯", "坏了。"]);
    expect(cut("the street light", words("the", "street", "light"))).toEqual(["the ", "street ", "light"]);
    expect(cut("路灯", words("电灯"))).toEqual([]);
    expect(cut("路灯", undefined)).toEqual([]);
  });

  it("is followed by the sound", () => {
    const utterances = conversation(CALL);
    expect(heardAt(utterances, 100)).toBeUndefined();
    expect(heardAt(utterances, 2000)?.text).toBe("路灯坏了");
    expect(heardAt(utterances, 8999)?.text).toBe("路灯坏了");
    expect(heardAt(utterances, 60_000)?.text).toBe("谢谢");
  });
});

it("offers and waits are told in time", () => {
  const told: DecisionsAnswer = {
    call_id: "c1",
    decisions: [{ offer_id: "o2", at: "2026-01-01T00:00:09.000Z", decision: {}, explanation: "two", for_agent: null }],
    waits: [{ at: "2026-01-01T00:00:04.000Z", reason: {}, explanation: null, for_agent: null }],
  };
  expect(moments(told).map(({ kind, words }) => [kind, words])).toEqual([
    ["wait", null],
    ["offer", "two"],
  ]);
});

it.each([
  ["路灯坏了，路灯", "路灯", ["", "路灯", "坏了，", "路灯", ""]],
  ["Street Light", "light", ["Street ", "Light", ""]],
  ["nothing", "light", ["nothing"]],
  ["nothing", "", ["nothing"]],
])("what was looked for is marked: %s, %s", (text, words, parts) => {
  expect(marked(text, words)).toEqual(parts);
});
