// @ts-check
/** The live socket: says where the picture stands, takes what was missed or a snapshot, and comes back by
 *  itself when the line or the server was lost. */

import { me } from "./api.js";
import { heard } from "./clock.js";
import { applyChanges, fromSnapshot } from "./picture.js";

/** @typedef {"connecting" | "live" | "lost"} LineState */

const SILENCE_MS = 25_000;
const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 10_000;
const LOGGED_OUT = 4401;

export class Connection {
  /** @type {import("./picture.js").Picture | null} */
  picture = null;
  /** @type {LineState} */
  line = "connecting";
  /** How often the line was lost since the last word was heard. */
  failures = 0;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #ended = false;

  /** @param {{changed: () => void, loggedOut: () => void}} listener */
  constructor(listener) {
    this.listener = listener;
    this.#open();
  }

  /** No more: the person has logged out. */
  end() {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  /** A socket that the server refuses looks like a lost line; asking who we are tells them apart. */
  async #tryAgain() {
    const viewer = await me().catch(() => undefined);
    if (this.#ended) return;
    if (viewer === null) this.#leave();
    else this.#open();
  }

  #leave() {
    this.#ended = true;
    this.listener.loggedOut();
  }

  #open() {
    const url = new URL("/api/socket", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.#socket = new WebSocket(url));
    socket.onopen = () => socket.send(JSON.stringify({ resume_from: this.picture?.seq ?? null }));
    socket.onmessage = (event) => this.#heard(socket, JSON.parse(event.data));
    socket.onclose = (event) => this.#lost(socket, event.code);
    this.#expectWord(socket);
  }

  /** @param {WebSocket} socket */
  #expectWord(socket) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lost(socket, 0), SILENCE_MS);
  }

  /** @param {WebSocket} socket
   *  @param {import("./wire").Snapshot | import("./wire").Changes | import("./wire").Ping} message */
  #heard(socket, message) {
    if (socket !== this.#socket) return;
    this.#expectWord(socket);
    heard(message.server_at);
    this.failures = 0;
    this.line = "live";
    if (message.type === "snapshot") this.picture = fromSnapshot(message);
    else if (this.picture && message.type === "changes" && !applyChanges(this.picture, message)) {
      this.#lost(socket, 0);
    }
    this.listener.changed();
  }

  /** @param {WebSocket} socket
   *  @param {number} code */
  #lost(socket, code) {
    if (socket !== this.#socket || this.#ended) return;
    this.#socket = null;
    socket.close();
    clearTimeout(this.#timer);
    if (code === LOGGED_OUT) return this.#leave();
    this.line = "lost";
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.failures, LONGEST_PAUSE_MS) * (0.5 + Math.random());
    this.failures += 1;
    this.#timer = setTimeout(() => this.#tryAgain(), pause);
    this.listener.changed();
  }
}
