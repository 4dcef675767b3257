// @vitest-environment happy-dom
import { nextTick, ref, shallowRef } from "vue";
import { beforeEach, expect, it, vi } from "vitest";
import type { Said } from "../live/said";
import { afterChange, fromPicture } from "../live/said";
import { mounted } from "../mounted";
import type { LiveUtterance } from "../wire";
import LiveTranscript from "./LiveTranscript.vue";

const line = ref("connecting");
const said = shallowRef<Said | null>(null);
vi.mock("../live/reading", () => ({ useReading: () => ({ said, line }) }));

function utterance(number: number, side: "caller" | "agent", text: string, is_final: boolean): LiveUtterance {
  return { number, side, text, is_final, lost: false, at: "2026-11-22T10:00:00.000Z" };
}

beforeEach(() => {
  line.value = "connecting";
  said.value = null;
});

it("shows each side's words where they belong, and what is not final as such", async () => {
  const { find, texts, page } = await mounted(LiveTranscript, { callId: "c1", talking: true });
  expect(find("section").dataset["state"]).toBe("connecting");
  line.value = "open";
  said.value = fromPicture(null, {
    began_at: "2026-11-22T10:00:00.000Z",
    reading: "heard",
    why: null,
    utterances: [utterance(1, "agent", "您好", true), utterance(2, "caller", "路灯", false)],
  });
  await nextTick();
  expect([texts(".agent p"), texts(".caller.partial p")]).toEqual([["您好"], ["路灯"]]);
  expect(page.querySelector(".caller.partial")!.getAttribute("aria-hidden")).toBe("true");
  said.value = afterChange(said.value, { reading: "heard", why: null, utterances: [utterance(2, "caller", "路灯坏了", true)] });
  await nextTick();
  expect([texts(".caller p"), page.querySelectorAll(".partial, [aria-hidden]").length]).toEqual([["路灯坏了"], 0]);
});

it("says why nothing is read, and when the line is lost", async () => {
  const { find } = await mounted(LiveTranscript, { callId: "c1", talking: true });
  line.value = "open";
  said.value = fromPicture(null, { began_at: "2026-11-22T10:00:00.000Z", reading: "unread", why: "no_model", utterances: [] });
  await nextTick();
  expect(find("section").dataset["state"]).toBe("unread.no_model");
  const why = find("[role=status]").textContent;
  line.value = "lost";
  await nextTick();
  expect(find("section").dataset["state"]).toBe("lost");
  expect(find("[role=status]").textContent).not.toBe(why);
});
