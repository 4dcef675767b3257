/** The widget's side of the talk with the page around it: speaks to one window of one origin, and hears no other. */

import { ApiError } from "../api";
import { answer, here, isAsk, tell, type Ask, type Commands, type Fault, type Tale } from "./messages";

export type Speaker = Pick<Window, "postMessage">;
export type CarryOut = (command: keyof Commands, value: unknown) => Promise<void>;

/** A command that the widget itself cannot carry out. */
export class NotDone extends Error {
  constructor(readonly fault: Fault) {
    super(fault.what);
  }
}

export class Bridge {
  #open = true;

  constructor(
    private readonly page: Speaker,
    private readonly origin: string,
    private readonly carryOut: CarryOut,
  ) {
    page.postMessage(here(), origin);
  }

  /** Tell the page, as long as it is the newest that has the widget. */
  tell(tale: Tale): void {
    if (this.#open) this.page.postMessage(tell(tale), this.origin);
  }

  /** Whatever comes from another window or origin, or is no command, is passed over without a word. */
  async hear({ source, origin, data }: Pick<MessageEvent, "source" | "origin" | "data">): Promise<void> {
    if (source !== this.page || origin !== this.origin || !isAsk(data)) return;
    const fault = await this.#done(data);
    this.page.postMessage(answer(data.id, fault), this.origin);
  }

  /** Another page has the widget now: tell nothing more, and do nothing that is asked. */
  end(last: Tale): void {
    this.tell(last);
    this.#open = false;
  }

  async #done({ command, value }: Ask): Promise<Fault | null> {
    if (!this.#open) return SUPERSEDED;
    try {
      await this.carryOut(command, value);
      return null;
    } catch (error) {
      return faultOf(error);
    }
  }
}

const SUPERSEDED: Fault = {
  code: "elsewhere",
  what: "Another page of this browser has the widget now.",
  cure: "Work there, or open the widget here anew.",
};

function faultOf(error: unknown): Fault {
  if (error instanceof NotDone) return error.fault;
  if (!(error instanceof ApiError)) return { code: "internal", what: String(error), cure: "Report it." };
  const { code, what, cure } = error.problem;
  return { code, what, cure };
}

/** Be the newest widget of this browser: whoever was it before is `gone`. A frame that the browser keeps apart from all
 *  others is the only one that it knows. */
export function beNewest(gone: () => void): void {
  navigator.locks
    ?.request("widget", { steal: true }, () => new Promise<never>(() => {}))
    .catch((error: DOMException) => error.name === "AbortError" && gone());
}
