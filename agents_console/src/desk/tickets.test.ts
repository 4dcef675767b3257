import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ApiError } from "../api";
import type { CallTicket, CallTicketAnswer, TicketWriteRequest } from "../wire";

const api = vi.hoisted(() => ({ callTicket: vi.fn(), writeTicket: vi.fn() }));
vi.mock("../api", async (original) => ({ ...(await original<typeof import("../api")>()), ...api }));

const { ApiError: Failure } = await import("../api");
const { useTickets } = await import("./tickets");

const KEY = "ticket/1001/c1";
let kept: Record<string, string>;
let server: CallTicket | null;

function fails(status: number, code = ""): ApiError {
  return new Failure({ status, code, what: "", where: "", cure: "" });
}

/** A server as callcenter/desk/routes.py is. */
function answer(): CallTicketAnswer {
  return { ticket: server && { ...server }, categories: ["consultation"] };
}

function takes(_: string, { version, state, ...form }: TicketWriteRequest): Promise<CallTicketAnswer> {
  if (!server || version !== server.version) return Promise.reject(fails(409, "ticket_changed"));
  server = { ...server, ...form, state: state ?? server.state, version: version + 1 };
  return Promise.resolve(answer());
}

beforeEach(() => {
  kept = {};
  vi.stubGlobal("localStorage", new Proxy(kept, {
    get: (all, name) => ({
      getItem: (key: string) => all[key] ?? null,
      setItem: (key: string, value: string) => (all[key] = value),
      removeItem: (key: string) => delete all[key],
    })[name as "getItem"],
  }));
  vi.useFakeTimers();
  setActivePinia(createPinia());
  server = {
    ticket_id: "T1", version: 1, state: "accepted", next_states: [], open: true, changed_by: "", changed_at: "",
    demand: null, category: "consultation", text: "", address: "", requester: "", unit: "",
  };
  api.callTicket.mockReset().mockImplementation(() => Promise.resolve(answer()));
  api.writeTicket.mockReset().mockImplementation(takes);
});
afterEach(() => vi.useRealTimers());

async function opened() {
  const tickets = useTickets();
  tickets.begin("1001");
  tickets.show("c1");
  await vi.advanceTimersByTimeAsync(0);
  return tickets;
}

describe("what is typed", () => {
  it("is in the browser at once, and on the server soon", async () => {
    const tickets = await opened();
    tickets.type("c1", "text", "a");
    tickets.type("c1", "text", "ab");
    expect(JSON.parse(kept[KEY]!).mine.text).toBe("ab");
    expect(tickets.open.get("c1")!.saving).toBe("unsaved");
    await vi.advanceTimersByTimeAsync(1_000);
    expect([server!.text, api.writeTicket.mock.calls.length]).toEqual(["ab", 1]);
    expect([tickets.open.get("c1")!.saving, kept]).toEqual(["saved", {}]);
  });

  it("before there is a ticket waits for it", async () => {
    const ticket = server;
    server = null;
    const tickets = await opened();
    tickets.type("c1", "text", "early");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(tickets.open.get("c1")!.saving).toBe("awaited");
    server = ticket;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server!.text).toBe("early");
  });

  it("goes on through a lost line, without a keystroke less", async () => {
    const tickets = await opened();
    api.writeTicket.mockImplementation(() => Promise.reject(fails(0)));
    tickets.type("c1", "text", "a");
    await vi.advanceTimersByTimeAsync(5_000);
    tickets.type("c1", "text", "ab");
    await vi.advanceTimersByTimeAsync(60_000);
    expect([tickets.open.get("c1")!.saving, JSON.parse(kept[KEY]!).mine.text]).toEqual(["unreached", "ab"]);
    api.writeTicket.mockImplementation(takes);
    tickets.reached();
    await vi.advanceTimersByTimeAsync(0);
    expect([server!.text, tickets.open.get("c1")!.saving]).toEqual(["ab", "saved"]);
  });

  it("is written once when only the answer was lost", async () => {
    const tickets = await opened();
    api.writeTicket.mockImplementationOnce(async (callId: string, write: TicketWriteRequest) => {
      await takes(callId, write);
      throw fails(0);
    });
    tickets.type("c1", "text", "a");
    await vi.advanceTimersByTimeAsync(20_000);
    expect([server!.version, server!.text, tickets.open.get("c1")!.saving]).toEqual([2, "a", "saved"]);
  });

  it("outlives the page", async () => {
    api.writeTicket.mockImplementation(() => Promise.reject(fails(503)));
    (await opened()).type("c1", "text", "kept");
    await vi.advanceTimersByTimeAsync(1_000);
    setActivePinia(createPinia());
    api.writeTicket.mockImplementation(takes);
    const fresh = useTickets();
    fresh.begin("1002");
    expect(fresh.open.size).toBe(0);
    fresh.begin("1001");
    await vi.advanceTimersByTimeAsync(0);
    expect([server!.text, [...fresh.open.keys()]]).toEqual(["kept", ["c1"]]);
  });
});

describe("what somebody else wrote", () => {
  it("is never overwritten: a person decides", async () => {
    const tickets = await opened();
    server = { ...server!, version: 2, text: "theirs", changed_by: "amy" };
    tickets.type("c1", "text", "mine");
    await vi.advanceTimersByTimeAsync(10_000);
    expect([tickets.open.get("c1")!.saving, server.text]).toEqual(["clash", "theirs"]);
    expect(JSON.parse(kept[KEY]!).mine.text).toBe("mine");
    tickets.settle("c1", "text", "mine");
    await vi.advanceTimersByTimeAsync(0);
    expect([tickets.open.get("c1")!.saving, server.text]).toEqual(["saved", "mine"]);
  });

  it("elsewhere in the form is simply there", async () => {
    const tickets = await opened();
    server = { ...server!, version: 2, unit: "parks" };
    tickets.type("c1", "text", "mine");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(server).toMatchObject({ version: 3, unit: "parks", text: "mine" });
  });
});

it("a ticket moves on with what was written", async () => {
  const tickets = await opened();
  tickets.type("c1", "unit", "parks");
  await tickets.step("c1", "dispatched");
  expect(server).toMatchObject({ state: "dispatched", unit: "parks", version: 2 });
});

it("what the server will not have is told, and stays until it is given up", async () => {
  const tickets = await opened();
  api.writeTicket.mockImplementation(() => Promise.reject(fails(409, "ticket_closed")));
  tickets.type("c1", "text", "late");
  await vi.advanceTimersByTimeAsync(20_000);
  expect([tickets.open.get("c1")!.saving, api.writeTicket.mock.calls.length]).toEqual(["refused", 1]);
  tickets.close("c1");
  expect(tickets.open.has("c1")).toBe(true);
  tickets.discard("c1");
  expect([tickets.open.size, kept]).toEqual([0, {}]);
});
