/** The form of a ticket as this page has it: what the server has, and what was typed since. Pure. */

import type { CallTicket, TicketWriteRequest } from "../wire";

export type Fields = Omit<TicketWriteRequest, "version" | "state">;
export type Field = keyof Fields;

const FIELDS: readonly Field[] = ["demand", "category", "text", "address", "requester", "unit"];

/** `base` is what the server had at `version` (null: no ticket has been seen yet), `mine` what this page wants. The
 *  fields of `clash` were changed here and there: a person says which counts, and nothing is saved before. */
export interface Draft {
  readonly version: number | null;
  readonly base: Fields;
  readonly mine: Fields;
  readonly clash: readonly Field[];
}

const EMPTY: Fields = { demand: null, category: "", text: "", address: "", requester: "", unit: "" };

export const BLANK: Draft = { version: null, base: EMPTY, mine: EMPTY, clash: [] };

function fieldsOf(ticket: CallTicket): Fields {
  const { demand, category, text, address, requester, unit } = ticket;
  return { demand, category, text, address, requester, unit };
}

export function typed<F extends Field>(draft: Draft, field: F, value: Fields[F]): Draft {
  return { ...draft, mine: { ...draft.mine, [field]: value } };
}

/** Something was typed that the server does not have. */
export function isDirty({ base, mine }: Draft): boolean {
  return FIELDS.some((field) => mine[field] !== base[field]);
}

/** What the server has now: whatever was not touched here follows it, whatever was not touched there stays. */
export function met(draft: Draft, ticket: CallTicket): Draft {
  const theirs = fieldsOf(ticket);
  const changedHere = FIELDS.filter((field) => draft.mine[field] !== draft.base[field]);
  const both = changedHere.filter((field) => theirs[field] !== draft.base[field] && theirs[field] !== draft.mine[field]);
  const mine = { ...theirs, ...Object.fromEntries(changedHere.map((field) => [field, draft.mine[field]])) };
  if (draft.version === null && both.includes("text")) {
    mine.text = `${theirs.text}\n${draft.mine.text}`; // what the flow had noted before anybody looked stays first
  }
  const clash = both.filter((field) => draft.version !== null || field !== "text");
  const unsettled = draft.clash.filter((field) => mine[field] !== theirs[field]);
  return { version: ticket.version, base: theirs, mine, clash: [...new Set([...unsettled, ...clash])] };
}

/** The server has taken what was sent; what was typed meanwhile is still to be saved. */
export function saved(draft: Draft, ticket: CallTicket): Draft {
  return { ...draft, version: ticket.version, base: fieldsOf(ticket), clash: [] };
}

/** A person has said which of both counts. */
export function settled(draft: Draft, field: Field, counts: "mine" | "theirs"): Draft {
  const mine = counts === "mine" ? draft.mine : { ...draft.mine, [field]: draft.base[field] };
  return { ...draft, mine, clash: draft.clash.filter((other) => other !== field) };
}
