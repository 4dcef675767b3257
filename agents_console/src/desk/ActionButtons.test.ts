// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { freshStores, mounted, speakIn, tellCentre } from "../mounted";
import type { Agent } from "../wire";
import zh from "../words/zh-CN.json";
import ActionButtons from "./ActionButtons.vue";

function agentAs(changed: Partial<Agent> = {}): Agent {
  freshStores();
  return { ...tellCentre("agent").agent.get("1001")!, ...changed };
}

describe("the buttons of an agent", () => {
  it("are those that the server allows, in its order, in words of the language", async () => {
    const agent = agentAs();
    const { texts } = await mounted(ActionButtons, { agent });
    expect(texts("button")).toEqual(agent.allowed_actions.map((action) => zh[`action.${action}`]));
    speakIn("en");
    const { texts: english } = await mounted(ActionButtons, { agent: { ...agent, allowed_actions: ["ready"] } });
    expect(english("button").at(-1)).toBe("Ready");
  });

  it("follow what is allowed, and are none when nothing is", async () => {
    const { texts, given } = await mounted(ActionButtons, { agent: agentAs() });
    await given({ agent: agentAs({ allowed_actions: ["hold", "hang-up"] }) });
    expect(texts("button")).toHaveLength(2);
    await given({ agent: agentAs({ allowed_actions: [] }) });
    expect(texts("button")).toEqual([]);
  });

  it("ask for what they say, and the likeliest one stands out", async () => {
    const onAsk = vi.fn();
    const { page, find, press } = await mounted(ActionButtons, { agent: agentAs(), onAsk });
    expect([...page.querySelectorAll("button.el-button--primary")].map((one) => one.className)).toEqual([
      expect.stringContaining("end-wrap-up"),
    ]);
    await press(find("button.ready"));
    expect(onAsk.mock.calls).toEqual([["ready"]]);
  });
});
