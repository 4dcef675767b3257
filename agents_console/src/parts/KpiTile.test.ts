// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { freshStores, logIn, mounted, tellCentre } from "../mounted";
import type { Kpi } from "../wire";
import KpiTile from "./KpiTile.vue";

function tile(changed: Partial<Kpi> = {}, ...may: Parameters<typeof logIn>) {
  const stores = freshStores();
  const { kpi } = tellCentre("supervisor");
  const figure = [...kpi.values()].flat().find(({ key }) => key === "connect_rate")!;
  logIn(...may);
  return mounted(KpiTile, { figure: { ...figure, ...changed } }, stores);
}

it("shows the figure, its target and its formula", async () => {
  const { find, page } = await tile({ value: 0.875, target: 0.8, target_met: true });
  expect(find(".figure").textContent).toContain("87.5");
  expect(find(".parts").textContent).toContain("80");
  expect(find("[role=tooltip]").textContent!.length).toBeGreaterThan(6);
  expect(page.querySelector<HTMLElement>(".gauge b")!.style.left).toBe("80%");
});

it("stands out when the target is missed, and says nothing of what is not known", async () => {
  const { page, find, given } = await tile({ target_met: false });
  expect(find("article").className).toContain("missed");
  await given({ figure: { scope: "total", key: "asa_ms", value: null, unit: "ms", formula: "", numerator: null, denominator: null, target: null, target_met: null, opens: [] } });
  expect(find("article").className).not.toContain("missed");
  expect(page.querySelector(".gauge")).toBeNull();
});

it("opens its calls for those only who may see them", async () => {
  expect((await tile()).page.querySelector(".figure a")).toBeNull();
  document.body.replaceChildren();
  expect((await tile({ opens: ["value"] }, "record")).page.querySelector(".figure a")).not.toBeNull();
});
