// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { nextTick } from "vue";
import { mounted, speakIn } from "../mounted";
import type { WrittenMistake } from "../wire";
import MistakeLines from "./MistakeLines.vue";

it("a mistake is told in the language of the page, also when that changes", async () => {
  const mistake: WrittenMistake = { file: "queues.yaml", line: 7, column: 3, path: ["queues", "a"], message: "queues.a.titel: unknown field 'titel'; did you mean 'title'?" };
  const view = await mounted(MistakeLines, { of: [mistake] });
  expect(view.texts("p")).toEqual(["queues.yaml:7 queues.a.titel：没有字段“titel”；是否想写“title”？"]);
  speakIn("en");
  await nextTick();
  expect(view.texts("p")).toEqual(["queues.yaml:7 queues.a.titel: unknown field 'titel'; did you mean 'title'?"]);
});
