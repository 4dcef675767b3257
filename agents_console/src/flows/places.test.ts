import { expect, it } from "vitest";
import type { FlowCase, FlowGraph } from "../wire";
import { counted, kindOf, lineOf, mistakesIn, nodeAt } from "./places";

const GRAPH = {
  nodes: [
    { name: "menu", kind: "menu", line: 20 },
    { name: "welcome", kind: "play", line: 12 },
    { name: "human", kind: "human", line: 4 },
  ],
} as unknown as FlowGraph;

it("a line belongs to the node above it", () => {
  expect([5, 12, 19, 20, 99].map((line) => nodeAt(GRAPH, line))).toEqual([null, "welcome", "welcome", "menu", "menu"]);
  expect(nodeAt(null, 3)).toBeNull();
  expect(lineOf(GRAPH, "menu")).toBe(20);
  expect(lineOf(GRAPH, "gone")).toBeNull();
});

it("mistakes are shown with their file", () => {
  const [here, there] = ["a.yaml", "b.yaml"].map((file) => ({ file, line: 1, column: 1, node: "", message: "" }));
  expect(mistakesIn([here!, there!], "b.yaml")).toEqual([there]);
});

it("tests are counted by their outcome", () => {
  const cases = ["passed", "passed", "failed"].map((outcome) => ({ outcome }) as FlowCase);
  expect(counted(cases)).toEqual({ passed: 2, failed: 1, skipped: 0 });
});

it("the lines of a diff are told apart", () => {
  const lines = ["--- a", "+++ b", "@@ -1 +1 @@", "-x", "+y", " z"];
  expect(lines.map(kindOf)).toEqual(["file", "file", "place", "removed", "added", "same"]);
});
