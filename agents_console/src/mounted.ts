/** Components in tests: really rendered, with the page's words, stores and addresses. */

import { createPinia, setActivePinia, type Pinia } from "pinia";
import { createApp, h, nextTick, shallowReactive, type App, type Component } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import { afterEach } from "vitest";
import { useCentre } from "./live/centre";
import { fromSnapshot, type Picture } from "./live/picture";
import { recorded } from "./live/recorded";
import { useSession } from "./session";
import type { Access, Viewer } from "./wire";
import { words, type Language } from "./words";

const NOWHERE: Component = { render: () => null };
const apps: App[] = [];

/** Stores for a test, which it may fill before anything is mounted. */
export function freshStores(): Pinia {
  const stores = createPinia();
  setActivePinia(stores);
  return stores;
}

export interface Mounted {
  /** The document's body: dialogs stand there too. */
  page: HTMLElement;
  /** The component's properties; a change is drawn before it returns. */
  given(changed: Record<string, unknown>): Promise<void>;
  /** The one element of this selector whose text has these words. */
  find(selector: string, text?: string): HTMLElement;
  texts(selector: string): string[];
  press(element: HTMLElement, key?: string): Promise<void>;
}

/** The component with these properties; `onThing` among them hears what it emits. */
export async function mounted(component: Component, props: object = {}, stores: Pinia = freshStores()): Promise<Mounted> {
  const state = shallowReactive<Record<string, unknown>>({ ...props });
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/:all(.*)*", component: NOWHERE }] });
  const app = createApp({ render: () => h(component, { ...state }) });
  app.use(stores).use(words).use(router);
  apps.push(app);
  app.mount(document.body.appendChild(document.createElement("div")));
  await nextTick();
  const page = document.body;
  const all = (selector: string) => [...page.querySelectorAll<HTMLElement>(selector)];
  return {
    page,
    async given(changed) {
      Object.assign(state, changed);
      await nextTick();
    },
    find(selector, text = "") {
      const found = all(selector).filter((one) => one.textContent!.includes(text));
      if (found.length !== 1) throw new Error(`${found.length} × ${selector} ${text} in\n${page.innerHTML}`);
      return found[0]!;
    },
    texts: (selector) => all(selector).map((one) => one.textContent!.trim().replace(/\s+/g, " ")),
    async press(element, key) {
      if (key === undefined) element.click();
      else element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      await nextTick();
    },
  };
}

/** The centre as the recorded day left it, told to the stores. */
export function tellCentre(viewer: "supervisor" | "agent"): Picture {
  return (useCentre().picture = fromSnapshot(recorded(viewer).end));
}

/** Let somebody be logged in who may do this. */
export function logIn(...may: Access[]): void {
  useSession().viewer = { may } as Partial<Viewer> as Viewer;
}

export function speakIn(language: Language): void {
  words.global.locale.value = language;
}

afterEach(() => {
  for (const app of apps.splice(0)) app.unmount();
  document.body.replaceChildren();
  speakIn("zh-CN");
});
