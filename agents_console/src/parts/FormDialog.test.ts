// @vitest-environment happy-dom
import { h } from "vue";
import { expect, it, vi } from "vitest";
import { ApiError } from "../api";
import { mounted } from "../mounted";
import FormDialog from "./FormDialog.vue";

const settled = () => new Promise((done) => setTimeout(done));

async function dialog(act: () => unknown, more: object = {}) {
  const onClosed = vi.fn();
  const shown = await mounted({ render: () => h(FormDialog, { title: "改名", act: act as never, onClosed, ...more }, () => h("input", { name: "name" })) });
  const submit = async () => {
    shown.find("form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await settled();
  };
  const isOpen = () => shown.page.querySelector(".el-overlay")?.getAttribute("style")?.includes("display: none") !== true;
  return { ...shown, submit, isOpen };
}

it("does what it is for once, and closes", async () => {
  const act = vi.fn(async () => undefined);
  const { submit, isOpen } = await dialog(act);
  expect(isOpen()).toBe(true);
  await submit();
  expect(act).toHaveBeenCalledTimes(1);
  await vi.waitFor(() => expect(isOpen()).toBe(false));
});

it("stays and says why when the server refuses, and lets one try again", async () => {
  const act = vi.fn().mockRejectedValueOnce(new ApiError({ status: 409, code: "settings_clash", what: "Somebody was quicker.", where: "", cure: "Look again." })).mockResolvedValueOnce(undefined);
  const { submit, isOpen, find } = await dialog(act);
  await submit();
  expect(isOpen()).toBe(true);
  expect(find("[role=alert]").textContent).not.toBe("");
  await submit();
  expect(act).toHaveBeenCalledTimes(2);
  await vi.waitFor(() => expect(isOpen()).toBe(false));
});

it("does nothing before it is ready, nor twice at once", async () => {
  let finish = (): void => undefined;
  const act = vi.fn(() => new Promise<void>((done) => (finish = done)));
  const unready = await dialog(act, { ready: false });
  await unready.submit();
  expect(act).not.toHaveBeenCalled();
  document.body.replaceChildren();
  const { submit } = await dialog(act);
  await submit();
  await submit();
  expect(act).toHaveBeenCalledTimes(1);
  finish();
});
