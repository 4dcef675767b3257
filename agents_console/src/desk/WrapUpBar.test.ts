// @vitest-environment happy-dom
import { expect, it, vi } from "vitest";
import { heard } from "../live/clock";
import { freshStores, mounted, tellCentre } from "../mounted";
import { given as outcome } from "./given";
import WrapUpBar from "./WrapUpBar.vue";

function wrapUp(changed: object = {}) {
  const stores = freshStores();
  const { agent, dispositions } = tellCentre("agent");
  const onAct = vi.fn();
  return { stores, onAct, props: { agent: { ...agent.get("1001")!, ...changed }, dispositions, onAct } };
}

it("gives each outcome by one press, and says which was given", async () => {
  const { stores, props, onAct } = wrapUp();
  const { texts, find, press, page } = await mounted(WrapUpBar, props, stores);
  expect(texts("[role=group] button")).toEqual([...props.dispositions.values()].map((words, place) => `${place + 1}${words}`));
  await press(find("button", "转工单办理"));
  expect(onAct.mock.calls).toEqual([["disposition", "ticket"]]);
  expect(page.querySelectorAll("[aria-pressed=true]")).toHaveLength(0);
  outcome.value = { callId: "c1", words: "转工单办理" };
  await press(page);
  expect(texts("[aria-pressed=true]")).toEqual([expect.stringContaining("转工单办理")]);
});

it("offers more time, and shows how much is left", async () => {
  const { stores, props, onAct } = wrapUp();
  heard(new Date((Date.parse(props.agent.since_at) + Date.parse(props.agent.until_at!)) / 2).toISOString());
  const { find, press, page } = await mounted(WrapUpBar, props, stores);
  expect(Number.parseFloat(page.querySelector<HTMLElement>(".left i")!.style.width)).toBeCloseTo(50, 0);
  await press(find("button", "+60"));
  expect(onAct.mock.calls).toEqual([["extend-wrap-up", "60"]]);
});

it("offers nothing that the server does not allow", async () => {
  const { stores, props } = wrapUp({ allowed_actions: ["ready"], until_at: null });
  const { page } = await mounted(WrapUpBar, props, stores);
  expect(page.querySelectorAll("button, .left")).toHaveLength(0);
});
