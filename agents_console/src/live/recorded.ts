/** What two viewers were told of one day (tests/unit/wire_tale.py), for tests. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Changes, Ping, Snapshot } from "../wire";

export type Message = Snapshot | Changes | Ping;

export function recorded(viewer: "supervisor" | "agent"): { messages: Message[]; end: Snapshot } {
  const file = join(import.meta.dirname, "../../../tests/data/wire", `${viewer}.json`);
  return JSON.parse(readFileSync(file, "utf8")) as { messages: Message[]; end: Snapshot };
}
