import { describe, expect, it } from "vitest";
import { askedOf, filtersOf, NO_FILTERS, queryOf } from "./filters";
import { bounds } from "./times";

const NOW = new Date(2026, 10, 22, 9, 30);

describe("the address", () => {
  it("keeps the filters, and nothing that does not matter", () => {
    const query = { span: "week", queue: "general", words: "路灯", caller: "5678" };
    expect(queryOf(filtersOf({ ...query, other: "x", agent: ["1", "2"] }))).toEqual(query);
    expect(filtersOf({ span: "for ever" })).toEqual(NO_FILTERS);
    expect(queryOf({ ...NO_FILTERS, from: "2026-11-22T08:00", words: "  " })).toEqual({});
  });
});

describe("the server is asked", () => {
  it("for everything when nothing is given", () => {
    expect([...askedOf(NO_FILTERS, NOW)]).toEqual([]);
  });

  it("for times in its own words", () => {
    const own = { ...NO_FILTERS, span: "own" as const, from: "2026-11-22T08:00", wait: "30", talk: "x" };
    expect([...askedOf(own, NOW)]).toEqual([
      ["since", new Date(2026, 10, 22, 8).toISOString()],
      ["least_wait_sec", "30"],
    ]);
  });

  it("for numbers without what people write between the digits", () => {
    expect(askedOf({ ...NO_FILTERS, caller: " 138-1234 5678" }, NOW).get("caller")).toBe("13812345678");
  });
});

it.each([
  ["today", [2026, 10, 22], [2026, 10, 23]],
  ["yesterday", [2026, 10, 21], [2026, 10, 22]],
  ["week", [2026, 10, 16], [2026, 10, 23]],
  ["month", [2026, 9, 24], [2026, 10, 23]],
] as const)("%s is whole days", (span, [y, m, d], [y2, m2, d2]) => {
  expect(bounds({ span, from: "", to: "" }, NOW)).toEqual({ since: new Date(y, m, d), until: new Date(y2, m2, d2) });
});
