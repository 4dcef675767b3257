/** The pages of the console: where each is, where one finds it, and who may open it. The server knows the
    addresses too: PAGES in callcenter/web/page.py. */

import type { Component } from "vue";
import type { useSession } from "./session";
import type { WordKey } from "./words";

type Session = ReturnType<typeof useSession>;

/** What the navigation gathers under one word. */
export const MENUS = ["nav.operations", "nav.administration"] as const;
export type Menu = (typeof MENUS)[number];

export interface Page {
  path: string;
  /** Its name in the navigation; a page without one is reached from other pages. */
  word?: WordKey;
  menu?: Menu;
  component: () => Promise<Component>;
  open: (session: Session) => boolean;
}

const administers = (session: Session): boolean => session.may("administration");
const operates = (session: Session): boolean => session.may("operation");
const works = (session: Session): boolean => session.viewer?.agent_id != null;
const looksBack = (session: Session): boolean => session.may("record") || works(session);

export const PAGES: readonly Page[] = [
  { path: "/desk", word: "nav.desk", component: () => import("./pages/DeskPage.vue"), open: works },
  { path: "/", word: "nav.wallboard", component: () => import("./pages/WallboardPage.vue"), open: () => true },
  { path: "/history", word: "nav.history", component: () => import("./pages/HistoryPage.vue"), open: looksBack },
  { path: "/calls/:callId", component: () => import("./pages/CallPage.vue"), open: () => true },
  { path: "/reports", word: "nav.reports", component: () => import("./pages/ReportsPage.vue"), open: (session) => session.may("record") },
  { path: "/queues", word: "nav.queues", menu: "nav.operations", component: () => import("./pages/QueuesPage.vue"), open: operates },
  { path: "/agents", word: "nav.agents", menu: "nav.operations", component: () => import("./pages/AgentsPage.vue"), open: operates },
  { path: "/calendars", word: "nav.calendars", menu: "nav.operations", component: () => import("./pages/CalendarsPage.vue"), open: operates },
  { path: "/reasons", word: "nav.reasons", menu: "nav.operations", component: () => import("./pages/ReasonsPage.vue"), open: operates },
  { path: "/flows", word: "nav.flows", menu: "nav.operations", component: () => import("./pages/FlowsPage.vue"), open: operates },
  { path: "/prompts", word: "nav.prompts", menu: "nav.operations", component: () => import("./pages/PromptsPage.vue"), open: operates },
  { path: "/caller-lists", word: "nav.caller_lists", menu: "nav.operations", component: () => import("./pages/CallerListsPage.vue"), open: operates },
  { path: "/trunks", word: "nav.trunks", menu: "nav.operations", component: () => import("./pages/TrunksPage.vue"), open: operates },
  { path: "/planning", word: "nav.planning", menu: "nav.operations", component: () => import("./pages/PlanningPage.vue"), open: operates },
  { path: "/settings-files", word: "nav.settings_files", menu: "nav.operations", component: () => import("./pages/SettingsFilesPage.vue"), open: operates },
  { path: "/health", word: "nav.health", menu: "nav.operations", component: () => import("./pages/HealthPage.vue"), open: (session) => session.may("metrics") },
  { path: "/users", word: "nav.users", menu: "nav.administration", component: () => import("./pages/UsersPage.vue"), open: administers },
  { path: "/audit", word: "nav.audit", menu: "nav.administration", component: () => import("./pages/AuditPage.vue"), open: administers },
];
