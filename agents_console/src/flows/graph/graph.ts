/** What is shown of a flow's graph. Where everything lies is the server's word (callcenter/flow_editing/graph.py). */

import type { FlowGraph, FlowGraphEdge, FlowGraphNode } from "../../wire";

/** Something wrong, in the node of this name. */
export interface NodeMistake {
  node: string;
  message: string;
}

export interface Card extends FlowGraphNode {
  family: Family;
  isEntry: boolean;
  covered: boolean;
  mistakes: readonly string[];
  /** Keys and words by which callers come back to the node itself. */
  again: readonly string[];
}

/** Kinds of nodes that look alike. */
const FAMILIES = {
  speaks: ["play", "say", "wait", "hear"],
  asks: ["menu", "listen", "collect", "survey", "record"],
  decides: ["hours", "branch", "split", "caller_list", "set"],
  languages: ["language"],
  hands: ["queue", "transfer", "human"],
  notes: ["ticket", "update_ticket", "look_up", "send", "voicemail", "keep"],
  goes: ["flow", "return"],
  ends: ["hang_up"],
} as const;
export type Family = keyof typeof FAMILIES;

export function familyOf(kind: string): Family {
  const found = Object.entries(FAMILIES).find(([, kinds]) => (kinds as readonly string[]).includes(kind));
  return (found?.[0] ?? "goes") as Family;
}

/** The cards with what else is known of each. */
export function cardsOf(graph: FlowGraph, mistakes: readonly NodeMistake[], covered: readonly string[] = []): Card[] {
  const been = new Set(covered);
  return graph.nodes.map((node) => ({
    ...node,
    family: familyOf(node.kind),
    isEntry: node.name === graph.entry,
    covered: been.has(node.name),
    mistakes: mistakes.filter((mistake) => mistake.node === node.name).map((mistake) => mistake.message),
    again: graph.edges.filter((edge) => edge.source === node.name && isOwn(edge)).flatMap((edge) => [...edge.keys, ...edge.words]),
  }));
}

/** Whether it leads back to its own node, and so is told on the card. */
export function isOwn(edge: FlowGraphEdge): boolean {
  return edge.source === edge.target;
}

export type Direction = "up" | "down" | "left" | "right";
export const ARROWS: Readonly<Record<string, Direction>> = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };
const ASIDE = 2.5; // so much farther is what lies aside of the direction

/** The nearest node in this direction, or null. */
export function neighbour(graph: FlowGraph, from: string, direction: Direction): string | null {
  const here = graph.nodes.find((node) => node.name === from);
  if (!here) return null;
  const far = (node: FlowGraphNode): number => {
    const [x, y] = [middle(node).x - middle(here).x, middle(node).y - middle(here).y];
    const along = { up: -y, down: y, left: -x, right: x }[direction];
    return along > 1 ? along + ASIDE * Math.abs(direction === "up" || direction === "down" ? x : y) : Infinity;
  };
  const nodes = graph.nodes.filter((node) => node.kind !== "human" && far(node) < Infinity);
  return nodes.sort((one, other) => far(one) - far(other))[0]?.name ?? null;
}

export function middle(node: FlowGraphNode): Point {
  return { x: node.x + node.width / 2, y: node.y + node.height / 2 };
}

export interface Point {
  x: number;
  y: number;
}

/** The node whose card is at this place, or null. */
export function cardAt(graph: FlowGraph, { x, y }: Point): string | null {
  const found = graph.nodes.find((node) => x >= node.x && x <= node.x + node.width && y >= node.y && y <= node.y + node.height);
  return found && found.kind !== "human" ? found.name : null;
}

/** Where a wire leaves its node, and where its head is. */
export function endsOf({ path, upward }: FlowGraphEdge): { tail: Point; head: Point } {
  const steps = [...path.matchAll(/([MVC])([^MVC]+)/g)].map(([, step, told]) => ({ step, told: told!.trim().split(/\s+/).map(Number) }));
  const points = steps.reduce<Point[]>((known, { step, told }) => {
    const [x, y] = step === "V" ? [known.at(-1)!.x, told[0]!] : [told.at(-2)!, told.at(-1)!];
    return [...known, { x, y }];
  }, []);
  const [upper, lower] = [points[0]!, points.at(-1)!];
  return upward ? { tail: lower, head: upper } : { tail: upper, head: lower };
}

const READABLE = 0.62; // a smaller card cannot be read

export interface Shown {
  x: number;
  y: number;
  zoom: number;
}

/** How the graph lies at first in a window of this size: whole if it can be read so, else from its entry on. */
export function firstView(graph: FlowGraph, width: number, height: number, edge = 24): Shown {
  const whole = Math.min(1, (width - 2 * edge) / graph.width, (height - 2 * edge) / graph.height);
  const entry = graph.nodes.find((node) => node.name === graph.entry);
  if (whole >= READABLE || !entry) {
    return { x: (width - graph.width * whole) / 2, y: edge, zoom: whole };
  }
  const zoom = Math.max(READABLE, Math.min(0.85, (width - 2 * edge) / graph.width));
  const left = width / 2 - middle(entry).x * zoom;
  const most = edge + Math.max(0, (width - 2 * edge - graph.width * zoom) / 2); // no empty room beside it
  const least = Math.min(most, width - edge - graph.width * zoom);
  return { x: Math.min(most, Math.max(least, left)), y: edge + 12 - entry.y * zoom, zoom };
}

/** A way out of a node, as it can be changed. */
export interface NodeWay {
  word: string;
  isKey: boolean;
  at: string;
  target: string;
}

/** The ways out of a node, in the order of the file. */
export function waysOf(graph: FlowGraph, node: string): NodeWay[] {
  const found = graph.edges
    .filter((edge) => edge.source === node)
    .flatMap((edge) => edge.ways.map((way) => ({ word: way.word, isKey: edge.keys.includes(way.word), at: way.at, target: edge.target, line: way.line })));
  return found.sort((one, other) => one.line - other.line).map(({ line: _, ...way }) => way);
}

/** What the file would take for the name of a node. */
export function isName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name);
}

/** A name for a new node. */
export function freeName(graph: FlowGraph): string {
  const taken = new Set(graph.nodes.map((node) => node.name));
  let number = 1;
  while (taken.has(`node_${number}`)) number += 1;
  return `node_${number}`;
}
