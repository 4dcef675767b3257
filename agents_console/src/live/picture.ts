/** The picture of the centre that the server told us: a pure fold over its messages, without any rule of its own. */

import type { Agent, Call, Changes, Fairness, Health, Kpi, Queue, Snapshot, Viewer } from "../wire";

interface Entities {
  agent: Agent;
  call: Call;
  queue: Queue;
  kpi: Kpi;
  fairness: Fairness;
  health: Health;
}

type Collections = { readonly [E in keyof Entities]: ReadonlyMap<string, Entities[E]> };

/** Never changed: what follows is another picture that shares what stayed the same. */
export interface Picture extends Collections {
  readonly seq: number;
  readonly viewer: Viewer;
  readonly pauseReasons: readonly string[];
  /** The words for each code. */
  readonly dispositions: ReadonlyMap<string, string>;
}

/** The id of what there is once for the whole centre. */
export const TOTAL = "total";

export function fromSnapshot(snapshot: Snapshot): Picture {
  return {
    seq: snapshot.seq,
    viewer: snapshot.viewer,
    pauseReasons: snapshot.pause_reasons,
    dispositions: new Map(Object.entries(snapshot.dispositions)),
    agent: new Map(snapshot.agents.map((agent) => [agent.agent_id, agent])),
    call: new Map(snapshot.calls.map((call) => [call.call_id, call])),
    queue: new Map(snapshot.queues.map((queue) => [queue.name, queue])),
    kpi: new Map(snapshot.kpi.map((kpi) => [`${kpi.scope}/${kpi.key}`, kpi])),
    fairness: new Map(snapshot.fairness ? [[TOTAL, snapshot.fairness]] : []),
    health: new Map(snapshot.health.map((health) => [health.component, health])),
  };
}

/** The picture with the changes in it; null when they do not follow it: something was missed. */
export function afterChanges(picture: Picture, message: Changes): Picture | null {
  if (message.after_seq !== picture.seq) return null;
  const fresh: Partial<Record<keyof Entities, Map<string, unknown>>> = {};
  for (const { entity, id, value } of message.changes) {
    const entities = (fresh[entity] ??= new Map<string, unknown>(picture[entity]));
    if (value === null) entities.delete(id);
    else entities.set(id, value);
  }
  return { ...picture, ...(fresh as Partial<Collections>), seq: message.seq };
}
