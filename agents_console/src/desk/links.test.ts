import { beforeEach, expect, it, vi } from "vitest";
import type { PopLink, ScreenPop } from "../wire";
import { opened, openDue } from "./links";

const open = vi.fn();
const link = (title: string, automatic: boolean): PopLink => ({ title, url: `https://${title}.example/`, automatic });
const pop = (call_id: string, ...links: PopLink[]) => ({ call_id, links }) as unknown as ScreenPop;
const asked = () => open.mock.calls.map(([url]) => url as string);

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  vi.stubGlobal("window", { open });
  open.mockReset();
});

it("a page that is to come by itself comes once with each call, and knows nothing of ours", () => {
  const own = { opener: "ours" };
  open.mockReturnValue(own);
  openDue(pop("c1", link("crm", true), link("map", false)));
  openDue(pop("c1", link("crm", true), link("orders", true)));
  openDue(pop("c2", link("crm", true)));
  expect(asked()).toEqual(["https://crm.example/", "https://orders.example/", "https://crm.example/"]);
  expect(own.opener).toBeNull();
});

it("what the browser blocks is told, and tried again until it was opened", () => {
  open.mockReturnValueOnce(null).mockReturnValueOnce(null).mockReturnValue({});
  const [crm, map] = [link("crm", true), link("map", true)];
  expect(openDue(pop("c1", crm, map))).toEqual([crm, map]);
  opened("c1", [map]);
  expect(openDue(pop("c1", crm, map))).toEqual([]);
  expect(openDue(pop("c1", crm, map))).toEqual([]);
  expect(asked()).toEqual([crm.url, map.url, crm.url]);
});
