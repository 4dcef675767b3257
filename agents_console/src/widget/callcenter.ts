/** The script for pages of other systems (docs/widget.md): puts the widget into them, and speaks with it. */

import { ask, isFromWidget } from "./messages";
import type { Commands, Fault, Target, WidgetEvents, WidgetState } from "./messages";

export interface Options {
  /** Where the centre is, such as https://calls.example. */
  server: string;
  /** What the widget fills; without one it is not to be seen. */
  container?: HTMLElement;
  /** `here`: the widget is the agent's telephone, as long as this page is open. */
  phone?: "here";
}

type Handler<E extends keyof WidgetEvents> = (value: WidgetEvents[E]) => void;

/** A command that was not carried out: `code` for programs, `what` and `cure` for people. */
export class CallcenterError extends Error {
  readonly code: string;
  readonly what: string;
  readonly cure: string;

  constructor({ code, what, cure }: Fault) {
    super(`${what} ${cure}`);
    [this.name, this.code, this.what, this.cure] = ["CallcenterError", code, what, cure];
  }
}

const ANSWERED_WITHIN_MS = 15_000;
const SILENT: Fault = {
  code: "no_answer",
  what: "The widget does not answer.",
  cure: "See that the centre runs and that this page's origin is in its settings: widget.origins.",
};
const AGAIN: Fault = { code: "restarted", what: "The widget has begun anew.", cure: "See its state, and ask again." };
const CLOSED: Fault = { code: "closed", what: "The widget was closed.", cure: "Open it anew." };

interface Waiting {
  done: () => void;
  failed: (error: CallcenterError) => void;
  timer: ReturnType<typeof setTimeout>;
}

export class Widget {
  readonly #origin: string;
  readonly #frame: HTMLIFrameElement;
  readonly #handlers: { [E in keyof WidgetEvents]: Set<Handler<E>> } = { state: new Set(), offer: new Set(), call: new Set(), ended: new Set() };
  readonly #waiting = new Map<number, Waiting>();
  readonly #hear = (event: MessageEvent): void => this.#heard(event);
  #state: WidgetState = CONNECTING;
  #last = 0;

  constructor({ server, container, phone }: Options) {
    this.#origin = new URL(server).origin;
    this.#frame = framed(this.#origin, phone === "here");
    this.#frame.hidden = !container;
    addEventListener("message", this.#hear);
    (container ?? document.body).append(this.#frame);
  }

  /** Call `handler` with each such event from now on, until the answer is called. */
  on<E extends keyof WidgetEvents>(event: E, handler: Handler<E>): () => void {
    this.#handlers[event].add(handler);
    return () => this.#handlers[event].delete(handler);
  }

  /** As of the last "state". */
  state(): WidgetState {
    return this.#state;
  }

  // Each resolves when the centre has accepted it, and rejects with a CallcenterError. What comes of it is told.
  ready = (): Promise<void> => this.#ask("ready");
  pause = (reason: string): Promise<void> => this.#ask("pause", reason);
  answer = (): Promise<void> => this.#ask("answer");
  decline = (): Promise<void> => this.#ask("decline");
  hold = (): Promise<void> => this.#ask("hold");
  resume = (): Promise<void> => this.#ask("resume");
  mute = (on = true): Promise<void> => this.#ask("mute", on);
  transfer = (to: Target): Promise<void> => this.#ask("transfer", to);
  hangUp = (): Promise<void> => this.#ask("hangUp");
  dial = (number: string): Promise<void> => this.#ask("dial", number);

  /** Take the widget out of the page. */
  close(): void {
    removeEventListener("message", this.#hear);
    this.#frame.remove();
    this.#failAll(CLOSED);
  }

  #ask<C extends keyof Commands>(command: C, value?: Commands[C]): Promise<void> {
    const id = (this.#last += 1);
    return new Promise((done, failed) => {
      const timer = setTimeout(() => this.#answered(id, SILENT), ANSWERED_WITHIN_MS);
      this.#waiting.set(id, { done, failed, timer });
      if (!this.#frame.isConnected) return this.#answered(id, CLOSED);
      this.#frame.contentWindow?.postMessage(ask(id, command, value), this.#origin);
    });
  }

  #heard({ source, origin, data }: MessageEvent): void {
    if (source !== this.#frame.contentWindow || origin !== this.#origin || !isFromWidget(data)) return;
    if (data.type === "here") this.#failAll(AGAIN);
    else if (data.type === "answer") this.#answered(data.id, data.fault);
    else {
      if (data.event === "state") this.#state = data.value;
      for (const handler of this.#handlers[data.event] ?? []) (handler as (value: unknown) => void)(data.value);
    }
  }

  #answered(id: number, fault: Fault | null): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (fault) waiting.failed(new CallcenterError(fault));
    else waiting.done();
  }

  #failAll(fault: Fault): void {
    for (const id of [...this.#waiting.keys()]) this.#answered(id, fault);
  }
}

const CONNECTING: WidgetState = {
  session: "connecting",
  agent: null,
  pause_reasons: [],
  phone: { state: "off", ringing: false, talking: false, muted: false },
};

/** The microphone is given to the centre's page only, and only where that is the telephone. */
function framed(origin: string, isPhone: boolean): HTMLIFrameElement {
  const frame = document.createElement("iframe");
  const address = new URL("/widget", origin);
  address.searchParams.set("for", location.origin);
  if (isPhone) {
    address.searchParams.set("phone", "here");
    frame.allow = `microphone ${origin}; autoplay ${origin}; speaker-selection ${origin}`;
  }
  frame.title = "Callcenter";
  Object.assign(frame.style, { width: "100%", height: "100%", border: "0" });
  frame.src = address.href;
  return frame;
}

/** Put the widget into this page. Raises TypeError where `server` is no address. */
export function open(options: Options): Widget {
  return new Widget(options);
}
