/** Pages of other systems that open by themselves with an Offer. */

import type { PopLink, ScreenPop } from "../wire";
import { keep, kept } from "../kept";

const place = (callId: string) => `opened/${callId}`;
const openedWith = (callId: string): string[] => JSON.parse(kept(place(callId), "sessionStorage") ?? "[]") as string[];

/** These were opened with the call. */
export function opened(callId: string, links: readonly PopLink[]): void {
  const titles = [...openedWith(callId), ...links.map(({ title }) => title)];
  if (links.length) keep(place(callId), JSON.stringify(titles), "sessionStorage");
}

/** Open what is to be opened with this call, once: neither a reload nor the answer opens it again. Answers what the
 *  browser did not let us open; a browser that blocks windows lets through what follows upon a click, so that these
 *  are tried again with the answer. */
export function openDue({ call_id, links }: ScreenPop): PopLink[] {
  const before = openedWith(call_id);
  const due = links.filter(({ title, automatic }) => automatic && !before.includes(title));
  const blocked = due.filter(({ url }) => !isOpened(url));
  opened(call_id, due.filter((link) => !blocked.includes(link)));
  return blocked;
}

/** Whether there is a window of this page now, which knows nothing of ours. Asked to be without an opener at once,
 *  the browser would not tell. */
function isOpened(url: string): boolean {
  const found = window.open(url, "_blank");
  if (found) found.opener = null;
  return found !== null;
}
