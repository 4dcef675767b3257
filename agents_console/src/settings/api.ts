/** The settings as a page changes them. The truth are the YAML files of the centre; the server says what is sound.
 *
 *  A page takes the sections that it shows, lets people change the draft, and puts one SaveBar at its end:
 *
 *      const settings = useSettings();                         // settings/draft.ts; loads by itself
 *      const queues = computed(() => settings.entries<QueueSection>("queues"));   // the draft: change it freely
 *      settings.entries("queues").night = { title: "...", category: "..." };      // added
 *      delete settings.entries("queues").night;                                   // removed
 *      settings.rename("skills", "mandarin", "putonghua");     // a skill: also where agents and queues name it
 *      settings.isChanged(["queues", "general", "title"])      // to mark it
 *      settings.mistakesAt(["queues", "general"])              // what the server said of it at the last save
 *      settings.part("queues")?.defaults / .places / .fixed / .at_start_only
 *
 *      <SaveBar :of="settings" />
 *
 *  The bar counts what has changed, asks for a note, saves all of it or nothing, tells every mistake with its file
 *  and line, tells who was quicker (and puts one's own changes on top of theirs), says what waits for the next
 *  start, and undoes the last save. Rights: "operation". A page of other data uses the functions below. */

import { request } from "../api";
import type { AgentImportAnswer, SettingsAnswer, SettingsFileAnswer, SettingsGiven } from "../wire";
import type { SettingsHistoryAnswer, SettingsRenamed, SettingsSaved, SettingsTaken } from "../wire";

export type Step = string | number;
export type Change = SettingsGiven | SettingsTaken | SettingsRenamed;

const fileAt = (name: string, deed = ""): string => `/api/settings/files/${encodeURIComponent(name)}${deed}`;

/** What is written now. */
export async function settingsNow(): Promise<SettingsAnswer> {
  return (await request("GET", "/api/settings")) as SettingsAnswer;
}

/** Make these changes upon the version that was seen, all or none. */
export async function saveSettings(version: string, note: string, changes: Change[]): Promise<SettingsSaved> {
  return (await request("POST", "/api/settings", { version, note, changes })) as SettingsSaved;
}

export async function settingsHistory(): Promise<SettingsHistoryAnswer> {
  return (await request("GET", "/api/settings/history")) as SettingsHistoryAnswer;
}

/** Undo the newest change that is not undone, which is this one. */
export async function undoSettings(version: string, number: number): Promise<SettingsSaved> {
  return (await request("POST", "/api/settings/undo", { version, number })) as SettingsSaved;
}

/** The text of a file. */
export async function settingsFile(name: string): Promise<SettingsFileAnswer> {
  return (await request("GET", fileAt(name))) as SettingsFileAnswer;
}

export async function saveSettingsFile(name: string, version: string, note: string, text: string): Promise<SettingsSaved> {
  return (await request("POST", fileAt(name), { version, note, text })) as SettingsSaved;
}

/** An ApiError with its mistakes if the file could not say this. */
export async function checkSettingsFile(name: string, text: string): Promise<void> {
  await request("POST", fileAt(name, "/check"), { text });
}

/** What each row of this CSV file would change. */
export async function checkAgents(csv: string): Promise<AgentImportAnswer> {
  return (await request("POST", "/api/settings/agents/check", { csv })) as AgentImportAnswer;
}

export async function importAgents(version: string, note: string, csv: string): Promise<AgentImportAnswer> {
  return (await request("POST", "/api/settings/agents/import", { version, note, csv })) as AgentImportAnswer;
}

export const AGENTS_FILE = "/api/settings/agents/export";
