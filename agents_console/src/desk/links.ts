/** Pages of other systems that open by themselves with an Offer. */

import type { ScreenPop } from "../wire";
import { keep, kept } from "../kept";

const place = (callId: string) => `opened/${callId}`;

/** Open what is to be opened with this call, once: neither a reload nor the answer opens it again. A browser that allows
 *  no windows leaves the links. */
export function openedOnce(pop: ScreenPop): void {
  const before = new Set(JSON.parse(kept(place(pop.call_id), "sessionStorage") ?? "[]") as string[]);
  const due = pop.links.filter(({ title, automatic }) => automatic && !before.has(title));
  if (!due.length) return;
  for (const { title, url } of due) {
    before.add(title);
    window.open(url, "_blank", "noopener,noreferrer");
  }
  keep(place(pop.call_id), JSON.stringify([...before]), "sessionStorage");
}
