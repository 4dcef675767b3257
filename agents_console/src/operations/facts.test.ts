import { describe, expect, it } from "vitest";
import type { HealthFact, HealthPart } from "../wire";
import { byNeed, shownFact, size } from "./facts";

const fact = (given: Partial<HealthFact>): HealthFact => ({ key: "k", unit: "count", value: null, text: "", ...given });
const part = (name: string, condition: HealthPart["condition"], trouble: string | null): HealthPart => ({
  part: "trunk", name, condition, trouble, since_at: "", facts: [], detail: "", cure: "",
});

describe("a fact", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1536, "1.50 KB"],
    [50 * 2 ** 30, "50.0 GB"],
    [300 * 2 ** 40, "300 TB"],
    [5000 * 2 ** 40, "5000 TB"],
  ])("of %s bytes is shown as %s", (bytes, text) => expect(size(bytes)).toBe(text));

  it.each([
    [fact({ value: 12_345 }), "12,345"],
    [fact({ unit: "ms", value: 1.25 }), "1.3 ms"],
    [fact({ unit: "ms", value: 912.4 }), "912 ms"],
    [fact({ unit: "ratio", value: 0.0815 }), "8.2%"],
    [fact({ unit: "text", text: "22.10.1" }), "22.10.1"],
    [fact({ unit: "text" }), "–"],
  ])("%o is shown in its unit", (one, text) => expect(shownFact(one, "en")).toBe(text));
});

it("what needs somebody stands first, the worst before the rest", () => {
  const parts = [part("a", "well", null), part("b", "poor", "slow"), part("c", "down", "store_away"), part("d", "off", null)];
  const { alarms, others } = byNeed(parts);
  expect([alarms.map(({ name }) => name), others.map(({ name }) => name)]).toEqual([["c", "b"], ["a", "d"]]);
});
