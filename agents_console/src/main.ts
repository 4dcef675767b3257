/** The page: logged out, or live. It draws what the server tells and asks what the server allows. */

import { createPinia } from "pinia";
import { createApp } from "vue";
import App from "./App.vue";
import "./design/index.css";
import { startClock } from "./live/clock";
import { router } from "./router";
import { applyTheme } from "./theme";
import { speak, words, type Language } from "./words";

applyTheme();
speak(words.global.locale.value as Language);
startClock();
// A page that has been open for a while lacks a file: the server has a newer build, with other names.
addEventListener("vite:preloadError", () => performance.now() > 10_000 && location.reload());
createApp(App).use(createPinia()).use(words).use(router).mount("#page");
