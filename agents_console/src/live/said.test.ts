import { describe, expect, it } from "vitest";
import type { LiveTranscript, LiveUtterance } from "../wire";
import { afterChange, fromPicture, linesOf } from "./said";

const BEGAN = "2026-11-22T10:00:00.000Z";

function utterance(number: number, text: string, more: Partial<LiveUtterance> = {}): LiveUtterance {
  return { number, side: "caller", text, is_final: true, lost: false, at: BEGAN, ...more };
}

function picture(utterances: LiveUtterance[], began_at = BEGAN): LiveTranscript {
  return { began_at, reading: "heard", why: null, utterances };
}

const texts = (said: Parameters<typeof linesOf>[0]) => linesOf(said).map(({ text, is_final }) => `${text}${is_final ? "" : "…"}`);

describe("what is said", () => {
  it("is nothing before the first word of the server", () => {
    expect(linesOf(null)).toEqual([]);
  });

  it("becomes what was said, in its place", () => {
    let said = fromPicture(null, picture([utterance(1, "민원", { is_final: false }), utterance(2, "네", { side: "agent" })]));
    expect(texts(said)).toEqual(["민원…", "네"]);
    said = afterChange(said, { reading: "heard", why: null, utterances: [utterance(1, "민원 접수해 주세요"), utterance(3, "감사")] });
    expect(texts(said)).toEqual(["민원 접수해 주세요", "네", "감사"]);
    expect(linesOf(said)[0]!.key).toBe(`${BEGAN}#1`);
  });

  it("tells why it is not read", () => {
    const said = afterChange(fromPicture(null, picture([])), { reading: "unread", why: "no_room", utterances: [] });
    expect([said.reading, said.why]).toEqual(["unread", "no_room"]);
  });

  it("is the same after the line was lost", () => {
    const before = fromPicture(null, picture([utterance(1, "민원")]));
    const after = fromPicture(before, picture([utterance(1, "민원"), utterance(2, "접수")]));
    expect(texts(after)).toEqual(["민원", "접수"]);
  });

  it("stays for whoever read it when the server begins anew", () => {
    const before = fromPicture(null, picture([utterance(1, "민원", { is_final: false })]));
    const other = "2026-11-22T10:05:00.000Z";
    const after = fromPicture(before, picture([], other));
    expect(linesOf(after).map(({ text, side, lost }) => [text, side, lost])).toEqual([
      ["민원", "caller", false],
      ["", null, true],
    ]);
    const more = fromPicture(fromPicture(after, picture([], "2026-11-22T10:05:01.000Z")), picture([utterance(1, "접수")], "2026-11-22T10:05:01.000Z"));
    expect(texts(more)).toEqual(["민원", "", "접수"]);
    expect(new Set(linesOf(more).map(({ key }) => key)).size).toBe(3);
  });
});
