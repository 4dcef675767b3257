// @ts-check
/** The page: logged out, or live. It draws what the server tells and asks what the server allows. */

import * as api from "./api.js";
import { tick } from "./clock.js";
import { Connection } from "./connection.js";
import { h } from "./dom.js";
import { applyTheme } from "./theme.js";
import { currentLanguage, speak } from "./texts.js";
import { showAlarms } from "./views/alarms.js";
import { agentsView } from "./views/agents.js";
import { callsView } from "./views/calls.js";
import { deskView } from "./views/desk.js";
import { headerView } from "./views/header.js";
import { loginView } from "./views/login.js";
import { queuesView } from "./views/queues.js";
import { tilesView } from "./views/tiles.js";

/** @typedef {{draw: (picture: import("./picture.js").Picture) => void, root: HTMLElement}} View */

/** @type {Connection | null} */
let connection = null;

async function start() {
  const viewer = await api.me().catch(() => null);
  if (viewer) showLive();
  else showLogin();
}

function showLogin() {
  connection?.end();
  connection = null;
  document.body.replaceChildren(loginView(start, showLogin));
}

function showLive() {
  let drawn = false;
  const draw = () => {
    drawn = false;
    if (!connection) return;
    header.draw(connection.line, connection.picture?.viewer ?? null);
    showAlarms(alarms, connection);
    if (!connection.picture) return;
    for (const view of views) view.draw(connection.picture);
    tick(document);
  };
  const changed = () => {
    if (!drawn) requestAnimationFrame(draw);
    drawn = true;
  };
  const relabel = () => {
    const kept = connection;
    showLiveFrame();
    if (kept) changed();
  };
  const leave = async () => {
    await api.logout().catch(() => null);
    showLogin();
  };

  let header = headerView(relabel, leave);
  let alarms = h("div", { class: "alarms", role: "alert" });
  /** @type {View[]} */
  let views = [];
  const showLiveFrame = () => {
    const [desk, tiles, queues, agents, calls] = [deskView(), tilesView(changed), queuesView(), agentsView(), callsView()];
    views = [desk, tiles, queues, agents, calls];
    header = headerView(relabel, leave);
    alarms = h("div", { class: "alarms", role: "alert" });
    const people = h("div", { class: "columns" }, agents.root, calls.root);
    document.body.replaceChildren(header.root, alarms, h("main", {}, desk.root, tiles.root, queues.root, people));
  };
  showLiveFrame();
  connection?.end();
  connection = new Connection({ changed, loggedOut: showLogin });
  changed();
}

applyTheme();
speak(currentLanguage());
setInterval(() => tick(document), 1000);
void start();
