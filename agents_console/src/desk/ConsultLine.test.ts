// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { freshStores, mounted, tellCentre } from "../mounted";
import type { Consult } from "../wire";
import ConsultLine from "./ConsultLine.vue";

const CONSULT = { kind: "agent", target: "1002", agent_id: "1002", answered: false, joined: false } as Partial<Consult> as Consult;

async function line(consult: Partial<Consult>, phase = "held", agentId = "1001"): Promise<string> {
  const stores = freshStores();
  const { agent, call } = tellCentre("agent");
  const props = { agent: agent.get(agentId)!, call: { ...call.get("c3")!, agent_id: "1001", phase }, consult: { ...CONSULT, ...consult } };
  return (await mounted(ConsultLine, props, stores)).texts("[role=status]").at(-1)!;
}

it("names who is asked, rare characters and all, and how far it is", async () => {
  expect(await line({})).toContain("赵䶮 1002");
  expect(new Set([await line({}), await line({ answered: true }), await line({ answered: true }, "talking"), await line({ joined: true })]).size).toBe(4);
});

it("tells the one who is asked who asks", async () => {
  expect(await line({ answered: true }, "held", "1002")).toContain("陈晓雯 1001");
});

it("names queues by their title and numbers as they are", async () => {
  expect(await line({ kind: "queue", target: "general", agent_id: null })).not.toContain("general");
  expect(await line({ kind: "number", target: "02012345", agent_id: null })).toContain("02012345");
});
