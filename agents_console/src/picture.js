// @ts-check
/** The picture of the centre that the server told us: a pure reducer without any rule of its own.
 *
 * @typedef {import("./wire").Agent} Agent
 * @typedef {import("./wire").Call} Call
 * @typedef {import("./wire").Queue} Queue
 * @typedef {import("./wire").Kpi} Kpi
 * @typedef {import("./wire").Fairness} Fairness
 * @typedef {import("./wire").Health} Health
 * @typedef {import("./wire").Snapshot} Snapshot
 * @typedef {import("./wire").Changes} Changes
 *
 * @typedef {object} Picture
 * @property {number} seq
 * @property {import("./wire").Viewer} viewer
 * @property {string[]} pauseReasons
 * @property {Map<string, Agent>} agent
 * @property {Map<string, Call>} call
 * @property {Map<string, Queue>} queue
 * @property {Map<string, Kpi>} kpi
 * @property {Map<string, Fairness>} fairness
 * @property {Map<string, Health>} health
 * @property {[code: string, words: string][]} dispositions
 */

/** The id of what there is once for the whole centre. */
export const TOTAL = "total";

/** @param {Snapshot} snapshot
 *  @returns {Picture} */
export function fromSnapshot(snapshot) {
  return {
    seq: snapshot.seq,
    viewer: snapshot.viewer,
    pauseReasons: snapshot.pause_reasons,
    agent: new Map(snapshot.agents.map((agent) => [agent.agent_id, agent])),
    call: new Map(snapshot.calls.map((call) => [call.call_id, call])),
    queue: new Map(snapshot.queues.map((queue) => [queue.name, queue])),
    kpi: new Map(snapshot.kpi.map((kpi) => [`${kpi.scope}/${kpi.key}`, kpi])),
    fairness: new Map(snapshot.fairness ? [[TOTAL, snapshot.fairness]] : []),
    dispositions: Object.entries(snapshot.dispositions ?? {}),
    health: new Map(snapshot.health.map((health) => [health.component, health])),
  };
}

/** Take the changes into the picture. False, with nothing taken in, when they do not follow it.
 *  @param {Picture} picture
 *  @param {Changes} message */
export function applyChanges(picture, message) {
  if (message.after_seq !== picture.seq) return false;
  for (const change of message.changes) {
    const entities = /** @type {Map<string, unknown>} */ (picture[change.entity]);
    if (change.value === null) entities.delete(change.id);
    else entities.set(change.id, change.value);
  }
  picture.seq = message.seq;
  return true;
}
