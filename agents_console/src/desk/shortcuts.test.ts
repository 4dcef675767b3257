import { describe, expect, it } from "vitest";
import { actionOf, KEYS, shortcutOf } from "./shortcuts";

/** A press at an element that answers to these selectors. */
function press(key: string, at: string[] = [], more: object = {}): KeyboardEvent {
  const matches = (all: string) => all.split(", ").some((one) => at.includes(one));
  const target = { matches, closest: (all: string) => (matches(all) ? target : null), type: "text", ...more };
  return { key, target, ...more } as unknown as KeyboardEvent;
}

describe("a shortcut", () => {
  it("is a single key, large or small", () => {
    expect(["h", "H", "?", "3"].map((key) => shortcutOf(press(key)))).toEqual(["H", "H", "?", "3"]);
    expect(shortcutOf({ key: "h", target: null } as KeyboardEvent)).toBe("H");
    expect(shortcutOf(press("Enter"))).toBeNull();
  });

  it.each(["input", "textarea", "select", "[contenteditable]", "[role=combobox]", "[role=menu]", "[role=listbox]"])(
    "is none while typing in %s",
    (place) => expect(shortcutOf(press("x", [place]))).toBeNull(),
  );

  it("is one on a button that was pressed before", () => {
    expect(shortcutOf(press("x", ["input"], { type: "radio" }))).toBe("X");
  });

  it.each(["ctrlKey", "altKey", "metaKey", "repeat", "isComposing", "defaultPrevented"])("is none with %s", (what) => {
    expect(shortcutOf(press("x", [], { [what]: true }))).toBeNull();
  });
});

describe("an action", () => {
  it("is what the server allows now", () => {
    expect(actionOf("H", ["hold", "transfer"])).toBe("hold");
    expect(actionOf("H", ["retrieve"])).toBe("retrieve");
    expect(actionOf("H", ["ready"])).toBeUndefined();
    expect(actionOf("Z", ["ready"])).toBeUndefined();
  });

  it("has one key", () => {
    const actions = Object.values(KEYS).flat();
    expect(new Set(actions).size).toBe(actions.length);
  });
});
