/** The page's own addresses, and who is let in. */

import { createRouter, createWebHistory } from "vue-router";
import LoginPage from "./pages/LoginPage.vue";
import { PAGES, type Page } from "./pages";
import { useSession } from "./session";
import type { Viewer } from "./wire";

declare module "vue-router" {
  interface RouteMeta {
    open?: Page["open"];
    /** It sees by itself to who is logged in. */
    alone?: true;
  }
}

/** Where a person begins: whoever takes calls, at the desk. */
export function homeOf(viewer: Viewer): string {
  return viewer.role === "agent" && viewer.agent_id ? "/desk" : "/";
}

export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: ({ hash }) => (hash ? { el: hash, behavior: "smooth" } : undefined),
  routes: [
    { path: "/login", component: LoginPage },
    { path: "/widget", component: () => import("./pages/WidgetPage.vue"), meta: { alone: true } },
    {
      path: "/",
      component: () => import("./pages/LiveFrame.vue"),
      children: PAGES.map(({ path, component, open }) => ({ path, component, props: true, meta: { open } })),
    },
    { path: "/:elsewhere(.*)", redirect: "/" },
  ],
});

router.beforeEach(async ({ path, fullPath, meta }) => {
  if (!meta.alone && window.parent !== window) {
    open(fullPath, "_blank", "noopener"); // the widget's frame shows nothing else
    return false;
  }
  const session = useSession();
  const viewer = await session.restore();
  if (meta.alone) return true;
  if (!viewer) return path === "/login" || { path: "/login", query: fullPath === "/" ? {} : { next: fullPath } };
  if (path === "/login") return homeOf(viewer);
  return meta.open?.(session) !== false || "/";
});
