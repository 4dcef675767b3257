/** Who is logged in at this page. */

import { defineStore } from "pinia";
import { computed, ref } from "vue";
import * as api from "./api";
import type { Access, LoginRequest, Viewer } from "./wire";

export const useSession = defineStore("session", () => {
  const viewer = ref<Viewer | null>(null);
  /** Whether the server lets this person do it. */
  const may = (right: Access): boolean => viewer.value?.may?.includes(right) ?? false;
  /** Whoever may see every call of the record. */
  const supervises = computed(() => may("record"));
  let asked = false;

  /** Who the cookie says we are; asked until the server has answered. */
  async function restore(): Promise<Viewer | null> {
    if (asked) return viewer.value;
    const answer = await api.me().catch(() => undefined);
    asked = answer !== undefined;
    return (viewer.value = answer?.password_due ? null : (answer ?? null));
  }

  /** Who has logged in; null: the person must choose a password first (`chooseOwn`). Raises ApiError. */
  async function enter(name: string, password: string, client: LoginRequest["client"] = "page"): Promise<Viewer | null> {
    asked = true;
    const answer = await api.login(name, password, client);
    return answer.password_due ? null : (viewer.value = answer);
  }

  /** The password of one's own, after which one is logged in. Raises ApiError. */
  async function chooseOwn(given: string, own: string): Promise<Viewer> {
    await api.changeOwnPassword(given, own);
    return (viewer.value = (await api.me())!);
  }

  async function leave(): Promise<void> {
    await api.logout().catch(() => null);
    forget();
  }

  /** The server has ended the session. */
  function forget(): void {
    viewer.value = null;
  }

  return { viewer, may, supervises, restore, enter, chooseOwn, leave, forget };
});
