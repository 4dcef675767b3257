// @vitest-environment happy-dom
import { reactive } from "vue";
import { expect, it } from "vitest";
import { mounted } from "../mounted";
import type { Settings } from "../settings/draft";
import type { AgentEntry } from "./entries";
import SkillMatrix from "./SkillMatrix.vue";

const SKILLS = { zh: "普通话", en: "英语" };

/** Two agents whose skills can be changed, as far as the sheet asks for it. */
function sheet() {
  const agents: Record<string, AgentEntry> = reactive({ a1: { name: "陈晓雯", skills: { zh: 5 } }, a2: { name: "赵䶮" } });
  const settings = {
    count: 1,
    entries: () => agents,
    isChanged: () => false,
    mistakesAt: () => [],
    before: () => undefined,
  } as unknown as Settings;
  return { agents, shown: mounted(SkillMatrix, { settings, agents: Object.entries(agents), skills: SKILLS }) };
}

it("is worked by keys: levels, ways to the next cell, and back again", async () => {
  const { agents, shown } = sheet();
  const { find, press } = await shown;
  await press(find("[data-agent=a1] [data-skill=zh]"), "8");
  expect(agents["a1"]!.skills).toEqual({ zh: 8 });
  await press(find("[data-agent=a1] [data-skill=zh]"), "ArrowDown");
  expect(document.activeElement).toBe(find("[data-agent=a2] [data-skill=zh]"));
  await press(find("[data-agent=a2] [data-skill=zh]"), "3");
  await press(find("[data-agent=a1] [data-skill=zh]"), "Delete");
  expect([agents["a1"]!.skills, agents["a2"]!.skills]).toEqual([{}, { zh: 3 }]);
  await press(find("button", "Ctrl Z"));
  await press(find("button", "Ctrl Z"));
  expect([agents["a1"]!.skills, agents["a2"]!.skills]).toEqual([{ zh: 8 }, {}]);
});

it("has one cell that Tab comes to", async () => {
  const { shown } = sheet();
  const { page, texts } = await shown;
  expect(page.querySelectorAll("td[tabindex='0']")).toHaveLength(1);
  expect(texts("tbody th")).toEqual(["陈晓雯a1", "赵䶮a2"]);
});
