import { beforeEach, describe, expect, it, vi } from "vitest";
import { fromSnapshot } from "../live/picture";
import type { usePhone } from "../phone/phone";
import { recorded } from "../live/recorded";
import type { Agent, AgentAction, Call } from "../wire";
import { bodyOf, dialQuestion, isRight, phoneChosen, questionOf, THIS_PAGE } from "./questions";

const picture = fromSnapshot(recorded("agent").end);
const agent = picture.agent.get("1001")!;

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
});

describe("what is asked", () => {
  it("is a choice among what the server knows", () => {
    expect(questionOf("pause", agent, picture)?.choices.map(({ key }) => key)).toEqual(["reason.break", "reason.meal"]);
    expect(questionOf("disposition", agent, picture)?.choices).toContainEqual({ value: "ticket", text: "转工单办理" });
  });

  it("is any code where the settings know of none", () => {
    const question = questionOf("disposition", agent, { ...picture, dispositions: new Map() });
    expect(question).toMatchObject({ label: "ask.disposition.code", choices: [], first: "" });
  });

  it("is a queue or whoever is on duty, the ready ones first, or a number", () => {
    const colleague = (agent_id: string, presence: Agent["presence"]) => [agent_id, { ...agent, agent_id, presence }] as const;
    const staff = new Map([
      colleague("1001", "on_call"),
      colleague("1002", "logged_out"),
      colleague("1003", "on_call"),
      colleague("1004", "ready"),
    ]);
    const question = questionOf("transfer", agent, { ...picture, agent: staff })!;
    const values = ["queue/general", "queue/korean", "agent/1004", "agent/1003"];
    expect(question.choices.map(({ value }) => value)).toEqual(values);
    expect(["agent/1004", "13812345678"].filter((answer) => !isRight(question, answer))).toEqual([]);
    expect(isRight(question, "")).toBe(false);
  });

  it("is a queue, or a colleague who is ready, when somebody is to be consulted", () => {
    const colleague = (agent_id: string, presence: Agent["presence"]) => [agent_id, { ...agent, agent_id, presence }] as const;
    const staff = new Map([colleague("1001", "on_call"), colleague("1003", "on_call"), colleague("1004", "ready")]);
    const question = questionOf("consult", agent, { ...picture, agent: staff })!;
    expect(question.choices.map(({ value }) => value)).toEqual(["queue/general", "queue/korean", "agent/1004"]);
  });

  it("is a number or a caller who was missed, when a call is made", () => {
    const missed = { call_id: "c7", caller: "138****5678", queue: "general", ended_at: "2026-11-22T04:05:00.000Z", today: true };
    const yesterdays = { ...missed, call_id: "c6", today: false };
    const question = dialQuestion({ calls: [missed, yesterdays], whole: true }, picture);
    const title = picture.queue.get("general")!.title;
    expect(question.choices.map(({ value }) => value)).toEqual(["missed/c7", "missed/c6"]);
    expect(question.choices.map(({ group }) => group)).toEqual(["ask.missed", "ask.missed.yesterday"]);
    expect(question.choices[0]!.text).toMatch(new RegExp(`^138\\*{4}5678 · ${title} · \\d\\d:\\d\\d$`));
    expect(dialQuestion({ calls: [], whole: true }, picture)).toMatchObject({ choices: [], written: true });
    expect(dialQuestion({ calls: [missed], whole: false }, picture).choices[0]!.group).toBe("ask.missed.last");
  });

  it("is the phone: that of the page, or a desk phone, which is remembered", async () => {
    const page = { start: vi.fn(async () => "soft-1001"), stop: vi.fn() } as unknown as ReturnType<typeof usePhone>;
    expect(questionOf("login", agent, picture)).toMatchObject({ first: THIS_PAGE, written: true });
    expect(await phoneChosen(THIS_PAGE, agent, page)).toBe("soft-1001");
    expect(page.stop).not.toHaveBeenCalled();
    expect(await phoneChosen(" desk-1 ", agent, page)).toBe("desk-1");
    expect(page.stop).toHaveBeenCalledOnce();
    expect(bodyOf("login", agent, undefined, "desk-1")).toEqual({ phone: "desk-1" });
    const values = questionOf("change-phone", agent, picture)?.choices.map(({ value }) => value);
    expect(values).toEqual([THIS_PAGE, "desk-1"]);
  });

  it.each([
    ...["ready", "logout", "hold", "retrieve", "hang-up", "decline", "end-wrap-up"],
    ...["swap", "conference", "complete-transfer", "end-consult"],
  ] as AgentAction[])(
    "is nothing before %s",
    (action) => expect(questionOf(action, agent, picture)).toBeNull(),
  );
});

describe("an answer", () => {
  const extension = questionOf("extend-wrap-up", agent, picture)!;

  it.each(["0", "-5", "3601", "1.5", "", "soon"])("%j is no number of seconds", (answer) => {
    expect(isRight(extension, answer)).toBe(false);
  });

  it.each(["1", "60", "3600"])("%j is one", (answer) => expect(isRight(extension, answer)).toBe(true));

  it("of blanks is none", () => expect(isRight(questionOf("login", agent, picture)!, "  ")).toBe(false));
});

describe("the request", () => {
  const call = { offers: [{ offer_id: "o1", agent_id: "1001", made_at: "" }] } as unknown as Call;
  const talking: Agent = { ...agent, call_id: "c1" };

  it.each<[AgentAction, string, object | undefined]>([
    ["pause", "meal", { reason: "meal" }],
    ["extend-wrap-up", "45", { extra_sec: 45 }],
    ["disposition", "solved", { call_id: "c1", code: "solved" }],
    ["transfer", "queue/korean", { call_id: "c1", kind: "queue", target: "korean" }],
    ["transfer", "agent/1002", { call_id: "c1", kind: "agent", target: "1002" }],
    ["transfer", "02112345678", { call_id: "c1", kind: "number", target: "02112345678" }],
    ["consult", "agent/1002", { call_id: "c1", kind: "agent", target: "1002" }],
    ["dial-out", " 02112345678", { number: "02112345678" }],
    ["dial-out", "missed/c7", { call_id: "c7" }],
    ["keys", "#", { call_id: "c1", digits: "#" }],
    ["swap", "", { call_id: "c1" }],
    ["conference", "", { call_id: "c1" }],
    ["complete-transfer", "", { call_id: "c1" }],
    ["end-consult", "", { call_id: "c1" }],
    ["hold", "", { call_id: "c1" }],
    ["retrieve", "", { call_id: "c1" }],
    ["hang-up", "", { call_id: "c1" }],
    ["decline", "", { offer_id: "o1" }],
    ["ready", "", undefined],
    ["logout", "", undefined],
    ["end-wrap-up", "", undefined],
  ])("of %s", (action, answer, body) => expect(bodyOf(action, talking, call, answer)).toEqual(body));
});
