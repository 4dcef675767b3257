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
  connection?.end();
  let waiting = false;
  const changed = () => {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  };
  const draw = () => {
    waiting = false;
    if (connection) frame.draw(connection);
  };
  const relabel = () => {
    frame = liveFrame(changed, relabel);
    draw();
  };
  let frame = liveFrame(changed, relabel);
  connection = new Connection({ changed, loggedOut: showLogin });
  changed();
}

/** The live page in the present language.
 *  @param {() => void} changed asks for it to be drawn again
 *  @param {() => void} relabel asks for it in the other words */
function liveFrame(changed, relabel) {
  const leave = async () => {
    await api.logout().catch(() => null);
    showLogin();
  };
  const header = headerView(relabel, leave);
  const alarms = h("div", { class: "alarms", role: "alert" });
  const [desk, tiles, queues, agents, calls] = [deskView(), tilesView(changed), queuesView(), agentsView(), callsView()];
  const columns = h("div", { class: "columns" }, agents.root, calls.root);
  const main = h("main", { hidden: true }, desk.root, tiles.root, queues.root, columns);
  document.body.replaceChildren(header.root, alarms, main);
  return {
    /** @param {Connection} from */
    draw({ line, failures, picture }) {
      header.draw(line, picture?.viewer ?? null);
      showAlarms(alarms, failures, picture);
      main.hidden = !picture;
      if (!picture) return;
      for (const view of [desk, tiles, queues, agents, calls]) view.draw(picture);
      tick(document);
    },
  };
}

applyTheme();
speak(currentLanguage());
setInterval(() => tick(document), 1000);
void start();
