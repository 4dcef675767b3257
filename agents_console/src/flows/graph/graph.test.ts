import { describe, expect, it } from "vitest";
import type { FlowGraph, FlowGraphEdge, FlowGraphNode } from "../../wire";
import { cardsOf, familyOf, firstView, neighbour } from "./graph";

function node(name: string, kind: string, x: number, y: number): FlowGraphNode {
  return { name, kind, says: "", line: 1, x, y, width: 190, height: 60, human_key: false, flow: null };
}

function edge(source: string, target: string, keys: string[], words: string[] = []): FlowGraphEdge {
  const kind = keys.length ? "key" : words.length ? "word" : "next";
  return { source, target, kind, keys, words, ways: [], path: source === target ? "" : "M0 0V9", upward: false, label_x: 0, label_y: 0 };
}

const GRAPH: FlowGraph = {
  flow: "line",
  version: "1",
  language: "zh",
  entry: "hello",
  human_key: "0",
  width: 900,
  height: 700,
  nodes: [
    node("hello", "play", 300, 0),
    node("menu", "menu", 300, 140),
    node("left", "queue", 100, 280),
    node("right", "hang_up", 500, 280),
    node("human key", "human", 310, 281),
  ],
  edges: [edge("hello", "menu", []), edge("menu", "left", ["1"]), edge("menu", "right", ["2"], ["no_input"]), edge("menu", "menu", ["9"], ["no_match"])],
};

describe("the cards of a graph", () => {
  const cards = cardsOf(GRAPH, [{ node: "menu", message: "no such node" }, { node: "gone", message: "?" }], ["hello"]);

  it("know where callers begin, where tests have been, and what is wrong", () => {
    expect(cards.map((card) => [card.name, card.isEntry, card.covered, card.mistakes.length])).toEqual([
      ["hello", true, true, 0],
      ["menu", false, false, 1],
      ["left", false, false, 0],
      ["right", false, false, 0],
      ["human key", false, false, 0],
    ]);
  });

  it("tell the ways back to the node itself, which have no line", () => {
    expect(cards.map((card) => card.again)).toEqual([[], ["9", "no_match"], [], [], []]);
  });

  it("look alike when they do alike", () => {
    expect(cards.map((card) => card.family)).toEqual(["speaks", "asks", "hands", "ends", "hands"]);
    expect(familyOf("one of tomorrow")).toBe("goes");
  });
});

describe("the arrow keys", () => {
  it("go to the nearest card of their direction, never to the key to a human", () => {
    expect(neighbour(GRAPH, "hello", "down")).toBe("menu");
    expect(neighbour(GRAPH, "menu", "down")).toBe("left");
    expect(neighbour(GRAPH, "left", "right")).toBe("right");
    expect(neighbour(GRAPH, "right", "up")).toBe("menu");
  });

  it("stay where nothing lies farther on", () => {
    expect(neighbour(GRAPH, "hello", "up")).toBeNull();
    expect(neighbour(GRAPH, "gone", "up")).toBeNull();
  });
});

describe("the first view", () => {
  it("shows the whole graph where that can be read", () => {
    const { x, y, zoom } = firstView(GRAPH, 1000, 800);
    expect(zoom).toBe(1);
    expect([x, y]).toEqual([50, 24]);
  });

  it("begins at the entry where it cannot, and leaves no empty room beside a wide graph", () => {
    const wide = { ...GRAPH, width: 3000, height: 3000 };
    const { x, y, zoom } = firstView(wide, 800, 600);
    expect(zoom).toBeGreaterThan(0.6);
    expect(300 * zoom + x).toBeGreaterThan(0);
    expect(x).toBeLessThanOrEqual(24);
    expect(y).toBeGreaterThan(0);
  });
});
