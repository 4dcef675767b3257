import { beforeEach, expect, it, vi } from "vitest";
import type { PopLink, ScreenPop } from "../wire";
import { openedOnce } from "./links";

const open = vi.fn();
const link = (title: string, automatic: boolean): PopLink => ({ title, url: `https://${title}.example/`, automatic });
const pop = (call_id: string, ...links: PopLink[]) => ({ call_id, links }) as unknown as ScreenPop;

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  vi.stubGlobal("window", { open });
  open.mockReset();
});

it("a page that is to come by itself comes once with each call", () => {
  openedOnce(pop("c1", link("crm", true), link("map", false)));
  openedOnce(pop("c1", link("crm", true), link("orders", true)));
  openedOnce(pop("c2", link("crm", true)));
  const opened = open.mock.calls.map(([url]) => url as string);
  expect(opened).toEqual(["https://crm.example/", "https://orders.example/", "https://crm.example/"]);
  expect(open.mock.calls[0]!.slice(1)).toEqual(["_blank", "noopener,noreferrer"]);
});
