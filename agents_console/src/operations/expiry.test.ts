import { expect, it } from "vitest";
import { expiryOf, lastDay } from "./expiry";

const NOON = Date.parse("2026-03-02T12:00:00Z");

it.each([
  [null, "for_good", 0],
  ["2026-03-02T12:00:00Z", "over", 0],
  ["2026-03-03T00:00:00Z", "near", 1],
  ["2026-03-09T12:00:00Z", "near", 7],
  ["2026-03-09T12:00:01Z", "far", 8],
])("an entry until %s is %s", (at, state, days) => expect(expiryOf(at, NOON)).toEqual({ state, days }));

it("holds to the end of its last day", () => expect(lastDay("2027-01-01T00:00:00.000Z")).toBe("2026-12-31"));
