import { createPinia, setActivePinia } from "pinia";
import { beforeEach, expect, it, vi } from "vitest";
import type { Listener } from "./connection";
import { useCentre } from "./centre";
import { fromSnapshot } from "./picture";
import { recorded } from "./recorded";

const lines = vi.hoisted(() => [] as { listener: Listener; ended: boolean }[]);
vi.mock("./connection", () => ({
  Connection: class {
    ended = false;
    constructor(readonly listener: Listener) {
      lines.push(this);
    }
    end() {
      this.ended = true;
    }
  },
}));

beforeEach(() => {
  lines.length = 0;
  setActivePinia(createPinia());
});

it("shows the viewer's own agent and everything else of the picture", () => {
  const centre = useCentre();
  centre.open(() => {});
  expect(centre.own).toBeUndefined();
  const { end } = recorded("agent");
  lines[0]!.listener.told(fromSnapshot(end));
  expect(centre.own?.agent_id).toBe("1001");
  expect(centre.viewer?.role).toBe("agent");
  expect([...centre.queues.keys()]).toEqual(["general", "korean"]);
  expect(centre.health.get("switch")?.up).toBe(false);
  expect(centre.fairness?.agents).toBe(1);
});

it("says how the line is", () => {
  const centre = useCentre();
  centre.open(() => {});
  lines[0]!.listener.line("lost", 3);
  expect([centre.line, centre.failures]).toEqual(["lost", 3]);
});

it("forgets what it was told when it is closed", () => {
  const centre = useCentre();
  centre.open(() => {});
  lines[0]!.listener.told(fromSnapshot(recorded("supervisor").end));
  centre.close();
  expect(lines[0]!.ended).toBe(true);
  expect(centre.picture).toBeNull();
  expect(centre.agents.size).toBe(0);
});

it("follows one line at a time", () => {
  const centre = useCentre();
  centre.open(() => {});
  centre.open(() => {});
  expect(lines.map(({ ended }) => ended)).toEqual([true, false]);
});
