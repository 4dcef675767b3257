import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fromSnapshot } from "../live/picture";
import { recorded } from "../live/recorded";
import type { Agent, Call, ScreenPop } from "../wire";
import { Bridge, NotDone } from "./bridge";
import { CallcenterError, open } from "./callcenter";
import { carryOut } from "./commands";
import { ask, isAsk, isFromWidget, type FromWidget, type Tale, type WidgetState } from "./messages";
import { NOTHING_TOLD, story, type Seen } from "./story";

const [CRM, SERVER, EVIL] = ["https://crm.example", "https://calls.example", "https://evil.example"];
const picture = fromSnapshot(recorded("agent").end);
const agent: Agent = { ...picture.agent.get("1001")!, allowed_actions: ["hold", "transfer", "hang-up"], call_id: "c1" };
const call: Call = { ...[...picture.call.values()][0]!, call_id: "c1" };
const other: Call = { ...call, call_id: "c2" };
const pop = { call_id: "c1", caller: "138****5678" } as ScreenPop;
const live: WidgetState = {
  session: "live",
  agent,
  pause_reasons: [],
  phone: { state: "off", ringing: false, talking: false, muted: false },
};
const STATE: Tale = { event: "state", value: live };

describe("what is told", () => {
  /** The events of these sights, one after the other. */
  function events(...sights: Partial<Seen>[]): string[][] {
    let told = NOTHING_TOLD;
    return sights.map((seen) => {
      const next = story(told, { state: live, offered: undefined, inHand: undefined, pops: new Map(), ...seen });
      told = next.told;
      return next.tales.map(({ event, value }) => {
        if (event === "state") return event;
        return event === "ended" ? `ended ${value.call_id} ${value.answered}` : `${event} ${value.call.call_id} ${value.pop !== null}`;
      });
    });
  }
  const known = new Map([["c1", pop]]);

  it("is an offer once and whole, then the call, then its end, and the state only when it changes", () => {
    const told = events(
      { offered: call },
      { offered: call, pops: known },
      { offered: { ...call, priority: 9 }, pops: known },
      { inHand: call, pops: known },
      { inHand: call, pops: known },
      { inHand: { ...call, phase: "held" }, pops: known },
      { state: { ...live, session: "lost" } },
    );
    expect(told).toEqual([["state"], ["offer c1 true"], [], ["call c1 true"], [], ["call c1 true"], ["state", "ended c1 true"]]);
  });

  it("is an offer without what stands beside it where that cannot be read", () => {
    expect(events({}, { offered: call, pops: new Map([["c1", null]]) })[1]).toEqual(["offer c1 false"]);
  });

  it("is the end of the one before the beginning of the other", () => {
    const told = events({ offered: call, pops: known }, { offered: other, pops: new Map([["c2", null]]) }, { inHand: call });
    expect(told.slice(1)).toEqual([["ended c1 false", "offer c2 false"], ["ended c2 false", "call c1 false"]]);
  });

  it("is no end of a call that one only does not see any more", () => {
    expect(events({ inHand: call }, { state: { ...live, session: "logged_out", agent: null } })[1]).toEqual(["state"]);
  });
});

describe("the widget", () => {
  const said: [FromWidget, string][] = [];
  const page = { postMessage: (message: FromWidget, origin: string) => void said.push([message, origin]) } as unknown as Window;
  const done = vi.fn(async () => {});
  const heard = (bridge: Bridge, data: unknown, origin = CRM, source: unknown = page) =>
    bridge.hear({ data, origin, source } as MessageEvent);
  beforeEach(() => [said.splice(0), done.mockReset()]);

  it("speaks to its page by name, and answers what it asks", async () => {
    const bridge = new Bridge(page, CRM, done);
    bridge.tell(STATE);
    await heard(bridge, ask(7, "pause", "meal"));
    expect(done).toHaveBeenCalledExactlyOnceWith("pause", "meal");
    expect(said.map(([message]) => message)).toMatchObject([{ type: "here" }, { event: "state" }, { type: "answer", id: 7, fault: null }]);
    expect(said.every(([, origin]) => origin === CRM)).toBe(true);
  });

  it.each([
    ["another origin", ask(1, "hangUp", undefined), EVIL, page],
    ["an opaque origin", ask(1, "hangUp", undefined), "null", page],
    ["another window of that origin", ask(1, "hangUp", undefined), CRM, {}],
    ["no command of ours", { ...ask(1, "hangUp", undefined), command: "constructor" }, CRM, page],
    ["another protocol", { ...ask(1, "hangUp", undefined), callcenter: 2 }, CRM, page],
    ["no number", { ...ask(1, "hangUp", undefined), id: "1" }, CRM, page],
    ["no message at all", null, CRM, page],
  ])("passes over %s without a word", async (_, data, origin, source) => {
    const bridge = new Bridge(page, CRM, done);
    await heard(bridge, data, origin, source);
    expect(done).not.toHaveBeenCalled();
    expect(said.length).toBe(1);
  });

  it("does and tells nothing when another page has it, and says so", async () => {
    const bridge = new Bridge(page, CRM, done);
    bridge.end({ event: "state", value: { ...live, session: "elsewhere", agent: null } });
    bridge.tell(STATE);
    await heard(bridge, ask(2, "hold", undefined));
    expect(done).not.toHaveBeenCalled();
    expect(said.map(([message]) => message).slice(1)).toMatchObject([{ value: { session: "elsewhere" } }, { fault: { code: "elsewhere" } }]);
  });

  it("answers with the fault of the server, or its own", async () => {
    const fault = { code: "not_now", what: "w", cure: "c" };
    const bridge = new Bridge(page, CRM, () => Promise.reject(new NotDone(fault)));
    await heard(bridge, ask(3, "hold", undefined));
    expect(said[1]![0]).toMatchObject({ id: 3, fault });
  });
});

describe("a command", () => {
  const fetched = vi.fn();
  const phone = { ringing: false, talking: false, answer: vi.fn(), mute: vi.fn() };
  const atHand = { agent, call, phone };
  beforeEach(() => {
    fetched.mockReset().mockResolvedValue(new Response("{}"));
    vi.stubGlobal("fetch", fetched);
  });
  afterEach(() => vi.unstubAllGlobals());

  it("goes to the server as that of the desk does", async () => {
    await carryOut("transfer", { kind: "queue", target: "general" }, atHand);
    const [path, { body }] = fetched.mock.calls[0] as [string, { body: string }];
    expect(path).toBe("/api/agents/1001/transfer");
    expect(JSON.parse(body)).toEqual({ call_id: "c1", kind: "queue", target: "general" });
  });

  it("that the server does not allow now is not even asked", async () => {
    await expect(carryOut("resume", undefined, atHand)).rejects.toMatchObject({ fault: { code: "not_now" } });
    expect(fetched).not.toHaveBeenCalled();
  });

  it.each([
    ["transfer", { kind: "trunk", target: "x" }],
    ["transfer", undefined],
    ["pause", 7],
    ["dial", " "],
    ["mute", "on"],
  ] as const)("%s with %j is refused", async (command, value) => {
    await expect(carryOut(command, value, atHand)).rejects.toMatchObject({ fault: { code: "bad_request" } });
  });

  it("answers and mutes at the telephone of the widget only", async () => {
    await expect(carryOut("answer", undefined, atHand)).rejects.toMatchObject({ fault: { code: "phone_elsewhere" } });
    await expect(carryOut("mute", true, atHand)).rejects.toMatchObject({ fault: { code: "phone_elsewhere" } });
    await carryOut("answer", undefined, { ...atHand, phone: { ...phone, ringing: true } });
    await carryOut("mute", false, { ...atHand, phone: { ...phone, talking: true } });
    expect([phone.answer.mock.calls.length, phone.mute.mock.calls]).toEqual([1, [[false]]]);
  });

  it("is nobody's without an agent", async () => {
    await expect(carryOut("ready", undefined, { ...atHand, agent: undefined })).rejects.toMatchObject({ fault: { code: "nobody" } });
  });
});

describe("the script of the page around", () => {
  const asked: [{ id: number; command: string }, string][] = [];
  const inside = { postMessage: (message: never, origin: string) => void asked.push([message, origin]) };
  const frame = { style: {}, src: "", allow: "", title: "", hidden: false, isConnected: true, contentWindow: inside, remove: () => (frame.isConnected = false) };
  let hear: (event: Partial<MessageEvent>) => void = () => {};
  const says = (data: unknown, origin = SERVER, source: unknown = inside) => hear({ data, origin, source } as MessageEvent);
  beforeEach(() => {
    asked.splice(0);
    Object.assign(frame, { isConnected: true, allow: "" });
    vi.useFakeTimers();
    vi.stubGlobal("addEventListener", (_: string, handler: typeof hear) => (hear = handler));
    vi.stubGlobal("removeEventListener", () => (hear = () => {}));
    vi.stubGlobal("location", { origin: CRM });
    vi.stubGlobal("document", { createElement: () => frame, body: { append: () => {} } });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("says to the centre whose page it is, and gives it the microphone only when asked to", () => {
    open({ server: `${SERVER}/` });
    expect([frame.src, frame.allow, frame.hidden]).toEqual([`${SERVER}/widget?for=${encodeURIComponent(CRM)}`, "", true]);
    open({ server: SERVER, phone: "here", container: { append: () => {} } as unknown as HTMLElement });
    expect(frame.allow).toContain(`microphone ${SERVER};`);
    expect([frame.src.endsWith("&phone=here"), frame.hidden]).toEqual([true, false]);
  });

  it("hears the centre only", () => {
    const widget = open({ server: SERVER });
    const heard = vi.fn();
    const off = widget.on("state", heard);
    const told = { callcenter: 1, type: "tell", ...STATE };
    says(told, EVIL);
    says(told, SERVER, {});
    says({ ...told, type: "shout" });
    expect([heard.mock.calls.length, widget.state().session]).toEqual([0, "connecting"]);
    says(told);
    expect([heard.mock.calls, widget.state()]).toEqual([[[live]], live]);
    off();
    says(told);
    expect(heard).toHaveBeenCalledOnce();
  });

  it("resolves or rejects each command by its own answer, in whatever order these come", async () => {
    const widget = open({ server: SERVER });
    const [held, paused] = [widget.hold(), widget.pause("meal")];
    expect(asked.map(([{ command }, origin]) => [command, origin])).toEqual([["hold", SERVER], ["pause", SERVER]]);
    const [first, second] = asked.map(([{ id }]) => id);
    says({ callcenter: 1, type: "answer", id: second, fault: { code: "refused", what: "No.", cure: "Wait." } });
    says({ callcenter: 1, type: "answer", id: first, fault: null });
    says({ callcenter: 1, type: "answer", id: first, fault: null });
    await expect(held).resolves.toBeUndefined();
    await expect(paused).rejects.toThrow(new CallcenterError({ code: "refused", what: "No.", cure: "Wait." }));
  });

  it("waits for ever for nobody", async () => {
    const widget = open({ server: SERVER });
    const faults = Promise.all([widget.ready(), widget.hold()].map((one) => one.catch(({ code }: CallcenterError) => code)));
    says({ callcenter: 1, type: "here" });
    expect(await faults).toEqual(["restarted", "restarted"]);
    const unheard = widget.ready().catch(({ code }: CallcenterError) => code);
    vi.advanceTimersByTime(15_000);
    expect(await unheard).toBe("no_answer");
    widget.close();
    await expect(widget.ready()).rejects.toMatchObject({ code: "closed" });
  });
});

it("messages of others are no messages", () => {
  for (const data of [undefined, 1, "ask", [], { type: "ask" }, { callcenter: "1", type: "here" }]) {
    expect([isAsk(data), isFromWidget(data)]).toEqual([false, false]);
  }
});
