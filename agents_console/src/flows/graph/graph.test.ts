import { describe, expect, it } from "vitest";
import type { FlowGraph, FlowGraphEdge, FlowGraphNode } from "../../wire";
import { cardAt, cardsOf, endsOf, familyOf, firstView, freeName, isName, neighbour, waysOf } from "./graph";

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

describe("a wire", () => {
  const drawn = (path: string, upward: boolean) => endsOf({ ...edge("hello", "menu", []), path, upward });

  it.each([
    ["M942.6 63.0V89.0C942.6 115.0 677.7 115.0 677.7 141.0", { x: 942.6, y: 63 }, { x: 677.7, y: 141 }],
    ["M10 60V140", { x: 10, y: 60 }, { x: 10, y: 140 }],
    ["M10 60C10 80 -5 80 -5 90V140", { x: 10, y: 60 }, { x: -5, y: 140 }],
  ])("%s has its head at the lower card, or at the upper one", (path, upper, lower) => {
    expect(drawn(path, false)).toEqual({ tail: upper, head: lower });
    expect(drawn(path, true)).toEqual({ tail: lower, head: upper });
  });

  it("is led to the card under the pointer, and not to the key to a human", () => {
    const at = [{ x: 301, y: 141 }, { x: 200, y: 141 }, { x: 320, y: 300 }].map((point) => cardAt(GRAPH, point));
    expect(at).toEqual(["menu", null, null]);
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

describe("the ways of a node", () => {
  const way = (word: string, line: number) => ({ word, at: `nodes.menu.${word}`, line });
  const graph = { ...GRAPH, edges: [{ ...edge("menu", "right", ["2"], ["no_input"]), ways: [way("2", 7), way("no_input", 9)] }, { ...edge("menu", "left", ["1"]), ways: [way("1", 6)] }] };

  it("stand in the order of the file, each with its target", () => {
    expect(waysOf(graph, "menu")).toEqual([
      { word: "1", isKey: true, at: "nodes.menu.1", target: "left" },
      { word: "2", isKey: true, at: "nodes.menu.2", target: "right" },
      { word: "no_input", isKey: false, at: "nodes.menu.no_input", target: "right" },
    ]);
    expect(waysOf(graph, "left")).toEqual([]);
  });

  it("get new nodes with names of their own", () => {
    expect(freeName(GRAPH)).toBe("node_1");
    expect(freeName({ ...GRAPH, nodes: [node("node_1", "play", 0, 0)] })).toBe("node_2");
    expect([isName("menu_2"), isName("2menu"), isName(""), isName("a b")]).toEqual([true, false, false, false]);
  });
});
