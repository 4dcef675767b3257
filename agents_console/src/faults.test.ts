// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { defineComponent, h } from "vue";
import { ApiError } from "./api";
import { useFaults } from "./faults";
import { mounted, speakIn } from "./mounted";
import type { Language } from "./words";

/** What this error is told as in this language. */
async function told(language: Language, problem: { code?: string; what: string; cure?: string }): Promise<string> {
  speakIn(language);
  const error = new ApiError({ status: 409, code: "refused", where: "", cure: "", ...problem });
  const Shown = defineComponent(() => {
    const { faultText } = useFaults();
    return () => h("output", faultText(error));
  });
  return (await mounted(Shown)).find("output").textContent!;
}

it.each([
  ["zh-CN", { what: "the phone cannot be rung", cure: "see that the phone is on and registered" }, "话机无法振铃：请确认话机已开机并注册。"],
  ["en", { what: "the phone cannot be rung", cure: "see that the phone is on and registered" }, "the phone cannot be rung: see that the phone is on and registered."],
  ["en", { what: "There is no such call.", cure: "Check the id." }, "There is no such call. Check the id."],
  ["zh-CN", { what: "no queue a" }, "没有队列 a"],
  ["zh-CN", { code: "wrong_login", what: "The name or the password is wrong.", cure: "Try again." }, "用户名或密码错误。"],
] as const)("in %s %o is told in one line", async (language, problem, line) => {
  expect(await told(language, problem)).toBe(line);
});
