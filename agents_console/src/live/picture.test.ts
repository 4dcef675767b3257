import { describe, expect, it } from "vitest";
import type { Changes, Snapshot } from "../wire";
import { afterChanges, fromSnapshot, TOTAL, type Picture } from "./picture";
import { recorded } from "./recorded";

function begun(viewer: "supervisor" | "agent") {
  const { messages, end } = recorded(viewer);
  const picture = fromSnapshot(messages[0] as Snapshot);
  return { picture, changes: messages.filter((message) => message.type === "changes"), end };
}

function after(picture: Picture, changes: readonly Changes[]): Picture | null {
  return changes.reduce<Picture | null>((so_far, message) => so_far && afterChanges(so_far, message), picture);
}

describe.each(["supervisor", "agent"] as const)("the picture of the %s", (viewer) => {
  it("is after all changes what a snapshot would then say", () => {
    const { picture, changes, end } = begun(viewer);
    expect(changes.length).toBeGreaterThan(10);
    expect(after(picture, changes)).toEqual(fromSnapshot(end));
  });

  it("takes nothing in once a message was missed", () => {
    const { picture, changes } = begun(viewer);
    const [first, second, third] = changes.filter((message) => message.seq !== message.after_seq);
    expect(afterChanges(picture, second!)).toBeNull();
    expect(after(picture, [first!, third!])).toBeNull();
  });

  it("takes nothing in twice", () => {
    const { picture, changes } = begun(viewer);
    expect(after(picture, [changes[0]!, changes[0]!])).toBeNull();
  });

  it("leaves the earlier picture as it was, and shares what has not changed", () => {
    const { picture, changes } = begun(viewer);
    const before = structuredClone(picture);
    const next = afterChanges(picture, changes[0]!);
    expect(picture).toEqual(before);
    expect(next?.health).toBe(picture.health);
    expect(next?.agent).not.toBe(picture.agent);
  });
});

it("drops a call that has ended", () => {
  const { picture, changes } = begun("supervisor");
  const gone = changes.flatMap((message) => message.changes).filter((change) => change.value === null);
  expect(gone.map(({ entity, id }) => `${entity} ${id}`)).toEqual(["call c2", "call c1"]);
  expect([...after(picture, changes)!.call.keys()]).toEqual(["c3"]);
});

it("keeps dispositions as words, and fairness under the total", () => {
  const { picture } = begun("agent");
  expect(picture.dispositions.get("ticket")).toBe("转工单办理");
  expect([...picture.fairness.keys()]).toEqual([TOTAL]);
});
