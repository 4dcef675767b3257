import { describe, expect, it } from "vitest";
import type { CallTicket } from "../wire";
import { BLANK, isDirty, met, saved, settled, typed } from "./draft";

const TICKET: CallTicket = {
  ticket_id: "T1",
  version: 1,
  state: "accepted",
  next_states: ["dispatched"],
  open: true,
  changed_by: "",
  changed_at: "2026-11-22T09:00:00.000Z",
  demand: null,
  category: "consultation",
  text: "",
  address: "",
  requester: "",
  unit: "",
};
const seen = met(BLANK, TICKET);

describe("a draft", () => {
  it("is what the server has until something is typed", () => {
    expect(seen).toMatchObject({ version: 1, clash: [], mine: { category: "consultation" } });
    expect(isDirty(seen)).toBe(false);
    expect(isDirty(typed(seen, "text", "a"))).toBe(true);
    expect(isDirty(typed(typed(seen, "text", "a"), "text", ""))).toBe(false);
  });

  it("keeps what was typed before there was a ticket, after what the flow had noted", () => {
    const early = typed(BLANK, "text", "street light");
    expect(met(early, TICKET)).toMatchObject({ version: 1, mine: { text: "street light", category: "consultation" } });
    const noted = met(early, { ...TICKET, text: "chose complaint" });
    expect([noted.mine.text, noted.clash]).toEqual(["chose complaint\nstreet light", []]);
  });

  it("keeps what is typed while it is saved", () => {
    const sent = typed(seen, "text", "ab");
    const later = saved(typed(sent, "text", "abc"), { ...TICKET, version: 2, text: "ab" });
    expect([later.version, later.mine.text, isDirty(later)]).toEqual([2, "abc", true]);
  });

  it("follows what somebody else writes into other fields", () => {
    const both = met(typed(seen, "text", "mine"), { ...TICKET, version: 2, address: "theirs" });
    expect(both).toMatchObject({ version: 2, clash: [], mine: { text: "mine", address: "theirs" } });
  });

  it("knows its own words again when the answer was lost", () => {
    const again = met(typed(seen, "text", "mine"), { ...TICKET, version: 2, text: "mine" });
    expect([again.clash, isDirty(again)]).toEqual([[], false]);
  });
});

describe("a clash", () => {
  const clash = met(typed(seen, "text", "mine"), { ...TICKET, version: 2, text: "theirs" });

  it("shows both and lets nothing be lost", () => {
    expect(clash).toMatchObject({ clash: ["text"], mine: { text: "mine" }, base: { text: "theirs" } });
  });

  it("ends with a decision", () => {
    expect(settled(clash, "text", "mine")).toMatchObject({ clash: [], mine: { text: "mine" } });
    const taken = settled(clash, "text", "theirs");
    expect([taken.clash, taken.mine.text, isDirty(taken)]).toEqual([[], "theirs", false]);
  });

  it("stays until then, whatever else comes", () => {
    expect(met(clash, { ...TICKET, version: 3, text: "theirs", unit: "parks" })).toMatchObject({
      version: 3,
      clash: ["text"],
      mine: { text: "mine", unit: "parks" },
    });
    expect(met(clash, { ...TICKET, version: 3, text: "mine" }).clash).toEqual([]);
  });
});
