/** The tickets that are written beside calls. Each keystroke is kept in the browser at once and saved to the server
 *  soon, however often the line, the page or the session is lost in between. */

import { defineStore } from "pinia";
import { reactive } from "vue";
import { ApiError, callTicket, writeTicket } from "../api";
import type { CallTicket, TicketState } from "../wire";
import { BLANK, isDirty, met, saved, settled, typed, type Draft, type Field, type Fields } from "./draft";

/** awaited: there is no ticket yet; unreached: it is tried again; refused: the server will not have it. */
export type Saving = "saved" | "unsaved" | "saving" | "awaited" | "unreached" | "clash" | "refused";

export interface OpenTicket {
  draft: Draft;
  saving: Saving;
  /** As the server told it last. */
  ticket: CallTicket | null;
  categories: readonly string[];
  fault: unknown;
}

const SOON_MS = 700;
const AWAIT_MS = 1_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;

const place = (agentId: string, callId: string) => `ticket/${agentId}/${callId}`;

export const useTickets = defineStore("tickets", () => {
  const open = reactive(new Map<string, OpenTicket>());
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const failures = new Map<string, number>();
  let agentId = "";

  /** Take up what this agent left unsaved in this browser; what somebody else did stays there for them. */
  function begin(agent: string): void {
    if (agent === agentId) return;
    timers.forEach(clearTimeout);
    timers.clear();
    open.clear();
    agentId = agent;
    const mine = Object.keys(localStorage).filter((key) => key.startsWith(place(agent, "")));
    for (const key of mine) show(key.slice(place(agent, "").length));
  }

  /** The call's ticket is written here from now on. */
  function show(callId: string): void {
    if (open.has(callId)) return;
    const draft = kept(callId) ?? BLANK;
    open.set(callId, { draft, saving: isDirty(draft) ? "unsaved" : "awaited", ticket: null, categories: [], fault: null });
    void step(callId);
  }

  /** No longer, if nothing of it is unsaved. */
  function close(callId: string): void {
    const one = open.get(callId);
    if (one && !isDirty(one.draft)) discard(callId);
  }

  /** No longer, and what is unsaved is given up. */
  function discard(callId: string): void {
    clearTimeout(timers.get(callId));
    timers.delete(callId);
    open.delete(callId);
    localStorage.removeItem(place(agentId, callId));
  }

  function type<F extends Field>(callId: string, field: F, value: Fields[F]): void {
    const one = open.get(callId)!;
    keep(callId, typed(one.draft, field, value));
    if (one.saving !== "clash" && one.saving !== "saving") one.saving = isDirty(one.draft) ? "unsaved" : "saved";
    later(callId, SOON_MS);
  }

  function settle(callId: string, field: Field, counts: "mine" | "theirs"): void {
    const one = open.get(callId)!;
    keep(callId, settled(one.draft, field, counts));
    void step(callId);
  }

  /** Save what there is, now; with `to`, and let the ticket go there. */
  async function step(callId: string, to: TicketState | null = null): Promise<void> {
    const one = open.get(callId);
    if (!one || (one.saving === "saving" && !to)) return;
    clearTimeout(timers.get(callId));
    try {
      await meet(callId, one);
      if (one.draft.version === null) {
        one.saving = "awaited";
        return later(callId, AWAIT_MS);
      }
      if (one.draft.clash.length) return void (one.saving = "clash");
      if (isDirty(one.draft) || to) await write(callId, one, one.draft.version, to);
      failures.delete(callId);
      one.fault = null;
      one.saving = isDirty(one.draft) ? "unsaved" : "saved";
      if (isDirty(one.draft)) later(callId, SOON_MS);
    } catch (error) {
      failed(callId, one, error, to);
    }
  }

  /** What the server has, where it is not known here. */
  async function meet(callId: string, one: OpenTicket): Promise<void> {
    if (one.ticket && one.draft.version === one.ticket.version) return;
    const answer = await callTicket(callId);
    one.categories = answer.categories;
    if (answer.ticket) {
      one.ticket = answer.ticket;
      keep(callId, met(one.draft, answer.ticket));
    }
  }

  async function write(callId: string, one: OpenTicket, version: number, to: TicketState | null): Promise<void> {
    one.saving = "saving";
    const { ticket, categories } = await writeTicket(callId, { ...one.draft.mine, version, state: to });
    [one.ticket, one.categories] = [ticket, categories];
    if (ticket) keep(callId, saved(one.draft, ticket));
  }

  function failed(callId: string, one: OpenTicket, error: unknown, to: TicketState | null): void {
    const { code, status } = error instanceof ApiError ? error.problem : { code: "", status: 0 };
    if (code === "ticket_changed") {
      one.ticket = null;
      one.saving = "unsaved";
      return later(callId, 0, to);
    }
    one.fault = error;
    one.saving = [0, 401, 429].includes(status) || status >= 500 ? "unreached" : "refused";
    if (one.saving === "refused") return;
    const tries = (failures.get(callId) ?? 0) + 1;
    failures.set(callId, tries);
    later(callId, Math.min(FIRST_RETRY_MS * 2 ** (tries - 1), LONGEST_RETRY_MS));
  }

  /** The line is back: save now whatever could not be. */
  function reached(): void {
    for (const [callId, { saving }] of open) if (saving === "unreached") void step(callId);
  }

  function later(callId: string, ms: number, to: TicketState | null = null): void {
    clearTimeout(timers.get(callId));
    timers.set(callId, setTimeout(() => void step(callId, to), ms));
  }

  function keep(callId: string, draft: Draft): void {
    open.get(callId)!.draft = draft;
    try {
      if (isDirty(draft)) localStorage.setItem(place(agentId, callId), JSON.stringify(draft));
      else localStorage.removeItem(place(agentId, callId));
    } catch {
      // a browser that keeps nothing: the server has it soon
    }
  }

  function kept(callId: string): Draft | null {
    try {
      return JSON.parse(localStorage.getItem(place(agentId, callId)) ?? "null") as Draft | null;
    } catch {
      return null;
    }
  }

  return { open, begin, show, close, discard, type, settle, step, reached };
});
