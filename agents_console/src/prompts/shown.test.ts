import { describe, expect, it } from "vitest";
import type { Prompt } from "../wire";
import { changed, EVERYTHING, offered, queryOf, searchOf, seconds, shown } from "./shown";

function prompt(number: string, text: string, more: Partial<Prompt> = {}): Prompt {
  return {
    number,
    text,
    language: "zh",
    said_by: ["hotline"],
    state: "shipped",
    voice: "",
    duration_ms: 1000,
    level_dbfs: -20,
    audio: "",
    now: "",
    needs_attention: false,
    allowed_actions: [],
    ...more,
  };
}

const HELLO = prompt("000001", "Hello, caller.", { language: "en", said_by: ["hotline", "line"] });
const ONE = prompt("000002", "yi", { said_by: ["(numbers)"] });
const NEW = prompt("000003", "Closed today", { state: "missing", needs_attention: true });
const ALL = [HELLO, ONE, NEW];
const numbers = (search: Partial<typeof EVERYTHING>) => shown(ALL, { ...EVERYTHING, ...search }).map(({ number }) => number);

describe("what is shown of the texts", () => {
  it("is everything but the words of numbers, unless they are asked for", () => {
    expect(numbers({})).toEqual(["000001", "000003"]);
    expect(numbers({ flow: "(numbers)" })).toEqual(["000002"]);
    expect(numbers({ words: "YI" })).toEqual(["000002"]);
  });

  it("is what was looked for", () => {
    expect(numbers({ flow: "line" })).toEqual(["000001"]);
    expect(numbers({ language: "zh" })).toEqual(["000003"]);
    expect(numbers({ state: "missing" })).toEqual(["000003"]);
    expect(numbers({ attention: true })).toEqual(["000003"]);
    expect(numbers({ words: " closed " })).toEqual(["000003"]);
    expect(numbers({ words: "000001" })).toEqual(["000001"]);
  });

  it("can be looked for by what there is", () => {
    expect(offered(ALL)).toEqual({ flows: ["hotline", "line", "(numbers)"], languages: ["en", "zh"], states: ["shipped", "missing"] });
  });

  it("stays in the address", () => {
    const search = { ...EVERYTHING, words: "a b", attention: true };
    expect(queryOf(search)).toEqual({ words: "a b", attention: "1" });
    expect(searchOf(queryOf(search))).toEqual(search);
    expect(searchOf({ words: ["a"] })).toEqual(EVERYTHING);
  });
});

it("a changed text stands where it stood, and one that is gone nowhere", () => {
  const recorded = { ...NEW, state: "recorded" as const };
  expect(changed(ALL, "000003", recorded)).toEqual([HELLO, ONE, recorded]);
  expect(changed(ALL, "000003", null)).toEqual([HELLO, ONE]);
});

it("lengths are told in seconds", () => {
  expect(seconds(3449)).toBe("3.4");
});
