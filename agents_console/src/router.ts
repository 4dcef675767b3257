/** The page's own addresses. The server knows them too: PAGES in callcenter/web/page.py. */

import { createRouter, createWebHistory } from "vue-router";
import LoginPage from "./pages/LoginPage.vue";
import { useSession } from "./session";
import type { Viewer } from "./wire";

/** Where a person begins: whoever takes calls, at the desk. */
export function homeOf(viewer: Viewer): string {
  return viewer.role === "agent" && viewer.agent_id ? "/desk" : "/";
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/login", component: LoginPage },
    {
      path: "/",
      component: () => import("./pages/LiveFrame.vue"),
      children: [
        { path: "/", component: () => import("./pages/WallboardPage.vue") },
        { path: "/desk", component: () => import("./pages/DeskPage.vue") },
        { path: "/history", component: () => import("./pages/HistoryPage.vue") },
        { path: "/reports", component: () => import("./pages/ReportsPage.vue") },
        { path: "/users", component: () => import("./pages/UsersPage.vue") },
        { path: "/audit", component: () => import("./pages/AuditPage.vue") },
        { path: "/calls/:callId", component: () => import("./pages/CallPage.vue"), props: true },
      ],
    },
    { path: "/:elsewhere(.*)", redirect: "/" },
  ],
});

router.beforeEach(async ({ path, fullPath }) => {
  const viewer = await useSession().restore();
  if (!viewer) return path === "/login" || { path: "/login", query: path === "/" ? {} : { next: fullPath } };
  if (path === "/login") return homeOf(viewer);
  if (path === "/history") return useSession().may("record") || viewer.agent_id !== null || "/";
  if (path === "/reports") return useSession().supervises || "/";
  if (path === "/users" || path === "/audit") return useSession().may("administration") || "/";
  return path !== "/desk" || viewer.agent_id !== null || "/";
});
