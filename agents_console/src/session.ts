/** Who is logged in at this page. */

import { defineStore } from "pinia";
import { ref } from "vue";
import * as api from "./api";
import type { Viewer } from "./wire";

export const useSession = defineStore("session", () => {
  const viewer = ref<Viewer | null>(null);
  let asked = false;

  /** Who the cookie says we are; asked once, later answers are in `viewer`. */
  async function restore(): Promise<Viewer | null> {
    if (!asked) viewer.value = await api.me().catch(() => null);
    asked = true;
    return viewer.value;
  }

  /** Raises ApiError. */
  async function enter(name: string, password: string): Promise<Viewer> {
    viewer.value = await api.login(name, password);
    return viewer.value;
  }

  async function leave(): Promise<void> {
    await api.logout().catch(() => null);
    forget();
  }

  /** The server has ended the session. */
  function forget(): void {
    viewer.value = null;
  }

  return { viewer, restore, enter, leave, forget };
});
