/** Agents as the settings write them (AgentSection of callcenter/settings/model.py). */

export interface AgentEntry {
  name: string;
  skills?: Record<string, number>;
  groups?: string[];
  queues?: string[];
  dials_out?: boolean;
}

export type Skills = Record<string, string>;

/** Every group that somebody is in. */
export function groupsOf(agents: Record<string, Pick<AgentEntry, "groups">>): string[] {
  return [...new Set(Object.values(agents).flatMap(({ groups }) => groups ?? []))].sort();
}

/** The agents whose id, name, skills or groups have the words in them. */
export function filtered(agents: Record<string, AgentEntry>, skills: Skills, words: string): [string, AgentEntry][] {
  const asked = words.trim().toLowerCase().split(/\s+/);
  return Object.entries(agents).filter(([id, agent]) => {
    const can = Object.keys(agent.skills ?? {}).flatMap((skill) => [skill, skills[skill] ?? ""]);
    const said = [id, agent.name, ...can, ...(agent.groups ?? [])].join(" ").toLowerCase();
    return asked.every((word) => said.includes(word));
  });
}
