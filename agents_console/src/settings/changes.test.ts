import { describe, expect, it } from "vitest";
import { changesBetween, copied, made, renameSkillOrKey } from "./changes";

const BASE = {
  skills: { zh: "Chinese", en: "English" },
  agents: { "1001": { name: "Li", skills: { zh: 9 } }, "1002": { name: "Wang" } },
  queues: { general: { skills: { zh: 5 }, steps: [{ after_sec: 20, lower: { zh: 3 } }, { after_sec: 40, drop: ["zh"] }] } },
};

describe("what was changed", () => {
  it("is found by comparing, and makes the same of what it came from", () => {
    const draft = copied(BASE) as { skills: object; agents: Record<string, Record<string, unknown>>; queues: object };
    draft.agents["1001"]!["skills"] = { zh: 8, en: 3 };
    draft.agents["1003"] = { name: "Zhang" };
    delete draft.agents["1002"];
    const changes = changesBetween(BASE, draft);
    expect(changes).toEqual([
      { path: ["agents", "1002"], remove: true },
      { path: ["agents", "1001", "skills", "zh"], value: 8 },
      { path: ["agents", "1001", "skills", "en"], value: 3 },
      { path: ["agents", "1003"], value: { name: "Zhang" } },
    ]);
    const again = copied(BASE);
    made(again, changes);
    expect(again).toEqual(draft);
  });

  it("is nothing where an empty list stands for none", () => {
    expect(changesBetween({ a: { name: "x" } }, { a: { name: "x", skills: {}, groups: [] } })).toEqual([]);
    expect(changesBetween({ dial_out: null }, { dial_out: null })).toEqual([]);
  });

  it("exchanges lists whole", () => {
    expect(changesBetween({ a: [1, 2] }, { a: [2] })).toEqual([{ path: ["a"], value: [2] }]);
  });
});

it("a skill has its new name wherever it is named", () => {
  const data = copied(BASE);
  renameSkillOrKey(data, ["skills", "zh"], "putonghua");
  expect(JSON.stringify(data)).not.toContain('"zh"');
  expect(Object.keys(data.skills)).toEqual(["putonghua", "en"]);
  expect(data.queues.general.steps[1]!.drop).toEqual(["putonghua"]);
});
