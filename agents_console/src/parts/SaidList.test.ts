// @vitest-environment happy-dom
import { expect, it, vi } from "vitest";
import { mounted } from "../mounted";
import SaidList from "./SaidList.vue";

const word = (text: string, startMs: number, endMs: number) => ({ text, startMs, endMs, confidence: 1 });
const SAID = [
  { leg: "agent", text: "您好", startMs: 500, endMs: 1200, words: [word("您", 500, 800), word("好", 800, 1200)] },
  { leg: "caller", text: "路灯坏了", startMs: 2000, endMs: 3500, words: [] },
];

it("marks what is heard, word by word", async () => {
  const { texts, given } = await mounted(SaidList, { said: SAID, atMs: 0, audible: true });
  expect(texts("li.now")).toEqual([]);
  await given({ atMs: 900 });
  expect(texts("li.now span.now")).toEqual(["好"]);
  await given({ atMs: 2500 });
  expect(texts("li.now p")).toEqual(["路灯坏了"]);
});

it("leads to the sound of each word and of each utterance", async () => {
  const onChosen = vi.fn();
  const { find, press } = await mounted(SaidList, { said: SAID, atMs: 0, audible: true, onChosen });
  await press(find("span", "好"));
  await press(find("button", "0:02"));
  expect(onChosen.mock.calls).toEqual([[800], [2000]]);
});

it("leads nowhere without a sound, and says when nothing was heard", async () => {
  const onChosen = vi.fn();
  const { find, press, given, texts } = await mounted(SaidList, { said: SAID, atMs: 0, audible: false, onChosen });
  await press(find("span", "好"));
  expect(onChosen).not.toHaveBeenCalled();
  await given({ said: [] });
  expect(texts("li")).toHaveLength(1);
});
