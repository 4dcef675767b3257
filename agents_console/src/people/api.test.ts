import { describe, expect, it } from "vitest";
import { EVERYTHING, queryOf } from "./api";

describe("a search of the audit log", () => {
  it("leaves out what is empty", () => {
    expect(String(queryOf(EVERYTHING))).toBe("");
    expect(String(queryOf({ ...EVERYTHING, user: " sue ", deed: "searched" }))).toBe("user=sue&deed=searched");
  });

  it("has the whole of its last day in it", () => {
    const query = queryOf({ ...EVERYTHING, from: "2026-03-01", to: "2026-03-31" });
    expect(new Date(query.get("since")!)).toEqual(new Date(2026, 2, 1));
    expect(new Date(query.get("until")!)).toEqual(new Date(2026, 3, 1));
  });
});
