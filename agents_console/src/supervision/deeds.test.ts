import { beforeEach, describe, expect, it, vi } from "vitest";
import { fromSnapshot, type Picture } from "../live/picture";
import { recorded } from "../live/recorded";
import type { Agent, Call, CallAction } from "../wire";
import { deedsOfAgent, deedsOfCall, deedsOfQueue, knownSkills } from "./deeds";

const shown = fromSnapshot(recorded("supervisor").end);
const [agent] = [...shown.agent.values()] as [Agent];
const [known] = [...shown.call.values()] as [Call];
const call: Call = { ...known, call_id: "c/1", queue: "general", agent_id: "1001", skills: { zh: 3 }, priority: 2 };

const allowed = (...allowed_actions: CallAction[]): Call => ({ ...call, allowed_actions });
const withAgents = (...agents: Agent[]): Picture => ({ ...shown, agent: new Map(agents.map((one) => [one.agent_id, one])) });
const as = (agent_id: string | null, picture = shown): Picture => ({ ...picture, viewer: { ...shown.viewer, agent_id } });

function only(action: CallAction, picture = as(null)) {
  const [deed] = deedsOfCall(allowed(action), picture);
  return deed!;
}

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
});

describe("taking part in a call", () => {
  it("asks for a phone, and knows it the next time", () => {
    const deed = only("listen");
    expect(deed.question).toMatchObject({ label: "ask.phone", first: "" });
    expect(deed.request("desk-9")).toEqual({ path: "/api/calls/c%2F1/supervision", body: { mode: "listen", phone: "desk-9" } });
    expect(only("barge").question).toMatchObject({ first: "desk-9" });
  });

  it("needs none where the supervisor works as an agent, or takes part already", () => {
    const atWork = as("1009", withAgents({ ...agent, agent_id: "1009", presence: "not_ready" }));
    const supervision = { by: "sue", phone: "desk-9", mode: "listen", answered: true, began_at: call.arrived_at } as const;
    const goesOn = deedsOfCall({ ...allowed("whisper"), supervision }, as(null))[0]!;
    for (const deed of [only("whisper", atWork), goesOn]) {
      expect(deed.question).toBeUndefined();
      expect(deed.request("").body).toEqual({ mode: "whisper", phone: null });
    }
  });

  it("is taken over by agents only", () => {
    expect(deedsOfCall(allowed("listen", "take_over", "stop"), as(null)).map(({ key }) => key)).toEqual(["listen", "stop"]);
    const agents = as("1009", withAgents({ ...agent, agent_id: "1009" }));
    expect(only("take_over", agents).request("").body).toEqual({ mode: "take_over", phone: null });
  });
});

describe("a waiting call", () => {
  it("is offered to one of those who are ready", () => {
    const staff = (["ready", "on_call"] as const).map((presence, at): Agent => ({ ...agent, agent_id: `100${at}`, presence }));
    const deed = only("pick", as(null, withAgents(...staff)));
    expect(deed.question?.choices.map(({ value }) => value)).toEqual(["1000"]);
    expect(deed.request("1000")).toEqual({ path: "/api/calls/c%2F1/pick", body: { agent_id: "1000" } });
  });

  it("is given another priority, other skills or another queue", () => {
    expect(only("priority").question).toMatchObject({ first: "2", smallest: -100, largest: 100 });
    expect(only("priority").request("-5").body).toEqual({ priority: -5 });
    expect(only("skills").skills).toEqual({ zh: 3 });
    expect(only("skills").request(`{"zh":9}`).body).toEqual({ skills: { zh: 9 } });
    const open = { ...shown, queue: new Map([...shown.queue].map(([name, queue]) => [name, { ...queue, is_open: true }])) };
    expect(only("move", open).question?.choices.map(({ value }) => value)).toEqual(["korean"]);
    expect(only("move").request("korean").body).toEqual({ queue: "korean" });
  });

  it("and any other is hung up after a second thought", () => {
    expect(only("hang_up")).toMatchObject({ severe: true });
    expect(only("hang_up").request("")).toEqual({ path: "/api/calls/c%2F1/hang-up", body: {} });
    expect(only("stop").request("").path).toBe("/api/calls/c%2F1/supervision/stop");
  });
});

describe("an agent", () => {
  const busy: Agent = { ...agent, agent_id: "1001", presence: "on_call", allowed_actions: ["hold", "ready", "pause", "logout"] };

  it("is forced, written to, and supervised in the call in hand", () => {
    const deeds = deedsOfAgent(busy, allowed("listen", "hang_up"), as(null));
    expect(deeds.map(({ key }) => key)).toEqual(["listen", "ready", "pause", "logout", "note"]);
    const [, ready, pause, logout, note] = deeds;
    expect(ready!.request("")).toEqual({ path: "/api/agents/1001/ready", body: {} });
    expect(pause!.request("meal").body).toEqual({ reason: "meal" });
    expect(logout!.severe).toBe(true);
    expect(note!.request(" see me ")).toEqual({ path: "/api/agents/1001/notes", body: { text: "see me" } });
  });

  it("is left alone when not at work, and in a call that is another's", () => {
    const away: Agent = { ...busy, presence: "logged_out", allowed_actions: ["login"] };
    expect(deedsOfAgent(away, undefined, as(null))).toEqual([]);
    const rung = { ...allowed("listen"), agent_id: null };
    expect(deedsOfAgent(busy, rung, as(null)).map(({ key }) => key)).not.toContain("listen");
  });
});

it("a queue is closed after a second thought, and opened at once", () => {
  const queue = { ...shown.queue.get("korean")!, is_open: true };
  const [close] = deedsOfQueue(queue);
  const [open] = deedsOfQueue({ ...queue, is_open: false });
  expect([close!.severe, close!.request("").path]).toEqual([true, "/api/queues/korean/close"]);
  expect([open!.severe, open!.request("").path]).toEqual([undefined, "/api/queues/korean/open"]);
});

it("the skills that somebody has are known by name", () => {
  const skills: Record<string, number>[] = [{ zh: 9, en: 2 }, { ko: 3, zh: 1 }];
  const staff = skills.map((one): Agent => ({ ...agent, skills: one }));
  expect(knownSkills(staff)).toEqual(["en", "ko", "zh"]);
});
