import { describe, expect, it } from "vitest";
import { atLevel, levelOf, tidied } from "./fields";

describe("a skill that is asked for", () => {
  it("is written as a level, or with its weight", () => {
    expect([levelOf(undefined), levelOf(5), levelOf({ level: 3, weight: 2 }), levelOf({ weight: 2 })]).toEqual([0, 5, 3, 1]);
    expect([atLevel(5, 0), atLevel(undefined, 4), atLevel({ level: 3, weight: 2 }, 7)]).toEqual([undefined, 4, { level: 7, weight: 2 }]);
  });
});

it("an entry is written without what says nothing; an empty call-back says: with all defaults", () => {
  const entry = { title: "a", category: "b", skills: {}, groups: [], max_wait_sec: null, priority: 0, call_back: {}, overflow: { full: { to: "flow" } } };
  expect(tidied(entry)).toEqual({ title: "a", category: "b", priority: 0, call_back: {}, overflow: { full: { to: "flow" } } });
  expect(tidied({ ...entry, call_back: null })).not.toHaveProperty("call_back");
});
