/** The live socket: says where the picture stands, takes what was missed or a snapshot, and comes back by
 *  itself when the line or the server was lost. */

import { me } from "../api";
import type { Changes, Hello, Ping, Snapshot } from "../wire";
import { heard } from "./clock";
import { afterChanges, fromSnapshot, type Picture } from "./picture";

export type LineState = "connecting" | "live" | "lost";

export interface Listener {
  told(picture: Picture): void;
  /** `failures`: how often the line was lost since the last word was heard. */
  line(state: LineState, failures: number): void;
  loggedOut(): void;
}

const SILENCE_MS = 25_000;
const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 10_000;
const LOGGED_OUT = 4401;

export class Connection {
  #picture: Picture | null = null;
  #failures = 0;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  constructor(private readonly listener: Listener) {
    listener.line("connecting", 0);
    this.#open();
  }

  /** No more: the person has logged out. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  /** A socket that the server refuses looks like a lost line; asking who we are tells them apart. */
  async #tryAgain(): Promise<void> {
    const viewer = await me().catch(() => undefined);
    if (this.#ended) return;
    if (viewer === null) this.#leave();
    else this.#open();
  }

  #leave(): void {
    this.#ended = true;
    this.listener.loggedOut();
  }

  #open(): void {
    const url = new URL("/api/socket", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.#socket = new WebSocket(url));
    const hello: Hello = { resume_from: this.#picture?.seq ?? null };
    socket.onopen = () => socket.send(JSON.stringify(hello));
    socket.onmessage = (event) => this.#heard(socket, JSON.parse(event.data as string));
    socket.onclose = (event) => this.#lost(socket, event.code);
    this.#expectWord(socket);
  }

  #expectWord(socket: WebSocket): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lost(socket, 0), SILENCE_MS);
  }

  #heard(socket: WebSocket, message: Snapshot | Changes | Ping): void {
    if (socket !== this.#socket) return;
    this.#expectWord(socket);
    heard(message.server_at);
    this.#failures = 0;
    if (!this.#take(message)) return this.#lost(socket, 0);
    this.listener.line("live", 0);
    if (this.#picture && message.type !== "ping") this.listener.told(this.#picture);
  }

  /** False when the message does not follow what is here; resuming then brings what was missed. */
  #take(message: Snapshot | Changes | Ping): boolean {
    if (message.type === "snapshot") this.#picture = fromSnapshot(message);
    else if (message.type === "changes" && this.#picture) {
      const next = afterChanges(this.#picture, message);
      if (!next) return false;
      this.#picture = next;
    }
    return true;
  }

  #lost(socket: WebSocket, code: number): void {
    if (socket !== this.#socket || this.#ended) return;
    this.#socket = null;
    socket.close();
    clearTimeout(this.#timer);
    if (code === LOGGED_OUT) return this.#leave();
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS) * (0.5 + Math.random());
    this.#failures += 1;
    this.#timer = setTimeout(() => void this.#tryAgain(), pause);
    this.listener.line("lost", this.#failures);
  }
}
