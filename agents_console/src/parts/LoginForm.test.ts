// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import * as api from "../api";
import { mounted } from "../mounted";
import type { Viewer } from "../wire";
import LoginForm from "./LoginForm.vue";

vi.mock("../api", async (original) => ({ ...(await original<typeof api>()), login: vi.fn(), changeOwnPassword: vi.fn(), me: vi.fn() }));

const VIEWER = { name: "sue", may: [] } as Partial<Viewer> as Viewer;
const settled = () => new Promise((done) => setTimeout(done));
beforeEach(() => vi.resetAllMocks());

async function form() {
  const onEntered = vi.fn();
  const shown = await mounted(LoginForm, { onEntered });
  const type = (name: string, text: string) => {
    const field = shown.page.querySelector<HTMLInputElement>(`input[name=${name}]`)!;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const submit = async () => {
    shown.find("form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await settled();
  };
  return { ...shown, onEntered, type, submit };
}

it("logs in with what was typed", async () => {
  vi.mocked(api.login).mockResolvedValue({ ...VIEWER, password_due: false });
  const { type, submit, onEntered } = await form();
  type("name", "sue");
  type("password", "a secret of mine");
  await submit();
  expect(vi.mocked(api.login).mock.calls[0]!.slice(0, 2)).toEqual(["sue", "a secret of mine"]);
  expect(onEntered).toHaveBeenCalledTimes(1);
});

it("says what was wrong, and keeps the name", async () => {
  vi.mocked(api.login).mockRejectedValue(new api.ApiError({ status: 401, code: "wrong_login", what: "Name or password is wrong.", where: "", cure: "Try again." }));
  const { type, submit, onEntered, find, page } = await form();
  type("name", "sue");
  type("password", "x");
  await submit();
  expect(find("[role=alert]").textContent).not.toBe("");
  expect(page.querySelector<HTMLInputElement>("input[name=name]")!.value).toBe("sue");
  expect(onEntered).not.toHaveBeenCalled();
});

it("asks whoever was given a password for one of their own, twice alike", async () => {
  vi.mocked(api.login).mockResolvedValue({ ...VIEWER, password_due: true });
  vi.mocked(api.me).mockResolvedValue({ ...VIEWER, password_due: false });
  const { type, submit, onEntered, find } = await form();
  type("name", "sue");
  type("password", "given by others");
  await submit();
  expect(onEntered).not.toHaveBeenCalled();
  type("own", "mine alone");
  type("again", "mine alnoe");
  await submit();
  expect(find("[role=alert]").textContent).not.toBe("");
  expect(api.changeOwnPassword).not.toHaveBeenCalled();
  type("again", "mine alone");
  await submit();
  expect(vi.mocked(api.changeOwnPassword).mock.calls).toEqual([["given by others", "mine alone"]]);
  expect(onEntered).toHaveBeenCalledTimes(1);
});
