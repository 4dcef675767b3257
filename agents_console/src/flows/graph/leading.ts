/** A way is led to another node by dragging its head onto it; who works by keys has the fields of the node. */

import { shallowRef } from "vue";
import type { FlowGraph, FlowGraphEdge } from "../../wire";
import { cardAt, type Point } from "./graph";

/** The wire whose head is held, where, and over which node. */
export interface Led {
  edge: FlowGraphEdge;
  at: Point;
  over: string | null;
}

/** `placeOf` tells where in the graph a pointer is; `lead` is done when the head is let go over another node. */
export function useLeading(graph: () => FlowGraph, placeOf: (event: PointerEvent) => Point, lead: (edge: FlowGraphEdge, to: string) => void) {
  const led = shallowRef<Led | null>(null);

  function hold(event: PointerEvent, edge: FlowGraphEdge): void {
    (event.target as Element).setPointerCapture(event.pointerId);
    led.value = { edge, at: placeOf(event), over: null };
  }

  function move(event: PointerEvent): void {
    if (!led.value) return;
    const [{ edge }, at] = [led.value, placeOf(event)];
    const over = cardAt(graph(), at);
    led.value = { edge, at, over: over === edge.target ? null : over };
  }

  function drop(): void {
    const held = led.value;
    led.value = null;
    if (held?.over) lead(held.edge, held.over);
  }

  const cancel = (): void => void (led.value = null);

  return { led, hold, move, drop, cancel };
}
