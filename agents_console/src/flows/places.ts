/** Which node stands at a line, and which line a node begins at. Pure. */

import type { FlowCase, FlowGraph, FlowMistake } from "../wire";

/** The node that a line of the flow's file belongs to; null above the first. */
export function nodeAt(graph: FlowGraph | null, line: number): string | null {
  const above = (graph?.nodes ?? []).filter((node) => node.kind !== "human" && node.line <= line);
  return above.sort((one, other) => other.line - one.line)[0]?.name ?? null;
}

export function lineOf(graph: FlowGraph | null, node: string): number | null {
  return graph?.nodes.find(({ name }) => name === node)?.line ?? null;
}

/** What is wrong with one file. */
export function mistakesIn<Told extends FlowMistake>(found: readonly Told[], file: string): Told[] {
  return found.filter((one) => one.file === file);
}

export interface Counted {
  passed: number;
  failed: number;
  skipped: number;
}

export function counted(cases: readonly FlowCase[]): Counted {
  const of = (outcome: FlowCase["outcome"]): number => cases.filter((one) => one.outcome === outcome).length;
  return { passed: of("passed"), failed: of("failed"), skipped: of("skipped") };
}

export type LineKind = "added" | "removed" | "file" | "place" | "same";

/** What a line of a unified diff says. */
export function kindOf(line: string): LineKind {
  if (line.startsWith("--- ") || line.startsWith("+++ ")) return "file";
  if (line.startsWith("@@")) return "place";
  return line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "same";
}
