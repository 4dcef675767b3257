import { describe, expect, it } from "vitest";
import type { FlowsAnswer } from "../wire";
import { isClash, keep, keepingMine, kept, met, NOTHING, textOf, typed, unsaved, withoutMine } from "./drafts";

function told(text: string, hash: string): Pick<FlowsAnswer, "files" | "tests"> {
  const file = { name: "a.yaml", text, hash, state: "changed" as const, flow: "a", numbers: [], any_number: false };
  return { files: [file, { ...file, name: "gone.yaml", state: "removed" as const }], tests: [] };
}

const BEGUN = met(NOTHING, told("one", "h1"));

function store(): Storage {
  const held = new Map<string, string>();
  return {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  } as unknown as Storage;
}

describe("drafts of flows", () => {
  it("show what is written until something is typed", () => {
    expect(textOf(BEGUN, "a.yaml")).toBe("one");
    expect(unsaved(BEGUN)).toEqual([]);
    const mine = typed(BEGUN, "a.yaml", "two");
    expect(textOf(mine, "a.yaml")).toBe("two");
    expect(unsaved(mine)).toEqual([{ name: "a.yaml", text: "two" }]);
    expect(unsaved(typed(mine, "a.yaml", "one"))).toEqual([]);
  });

  it("end when they are written, or given up", () => {
    const mine = typed(BEGUN, "a.yaml", "two");
    expect(unsaved(met(mine, told("two", "h2")))).toEqual([]);
    expect(textOf(withoutMine(mine, "a.yaml"), "a.yaml")).toBe("one");
  });

  it("clash with what somebody else has written, and stay", () => {
    const mine = met(typed(BEGUN, "a.yaml", "two"), told("three", "h3"));
    expect(isClash(mine, "a.yaml")).toBe(true);
    expect(textOf(mine, "a.yaml")).toBe("two");
    const more = typed(mine, "a.yaml", "two and more");
    expect(isClash(more, "a.yaml")).toBe(true);
    expect(isClash(keepingMine(more, "a.yaml"), "a.yaml")).toBe(false);
    expect(textOf(withoutMine(more, "a.yaml"), "a.yaml")).toBe("three");
  });

  it("clash with a file that is gone, until a person wants it back", () => {
    const mine = met(typed(BEGUN, "a.yaml", "two"), { files: [], tests: [] });
    expect(isClash(mine, "a.yaml")).toBe(true);
    expect(keepingMine(mine, "a.yaml").typed.get("a.yaml")).toEqual({ text: "two", seen: null });
  });

  it("outlive the page, with what they began with", () => {
    const where = store();
    keep(typed(BEGUN, "a.yaml", "two"), where);
    const again = met(kept(where), told("three", "h3"));
    expect(textOf(again, "a.yaml")).toBe("two");
    expect(isClash(again, "a.yaml")).toBe(true);
    keep(withoutMine(again, "a.yaml"), where);
    expect(kept(where)).toEqual(NOTHING);
    where.setItem("flow-drafts", "{");
    expect(kept(where)).toEqual(NOTHING);
  });
});
