/** Flows as the server keeps, tries and publishes them. */

import { request } from "../api";
import type { FlowChange, FlowChanged, FlowChangeRequest } from "../wire";
import type { FlowCheckAnswer, FlowDiffAnswer, FlowsAnswer, FlowSaved, FlowsDone } from "../wire";
import type { FlowSaveRequest, FlowTestAnswer, FlowText, FlowVersionsAnswer } from "../wire";

export async function flows(): Promise<FlowsAnswer> {
  return (await request("GET", "/api/flows")) as FlowsAnswer;
}

/** All mistakes with these texts instead of the written ones, and the graph of one file. */
export async function check(files: FlowText[], shown: string): Promise<FlowCheckAnswer> {
  return (await request("POST", "/api/flows/check", { files, shown })) as FlowCheckAnswer;
}

export async function test(files: FlowText[]): Promise<FlowTestAnswer> {
  return (await request("POST", "/api/flows/test", { files })) as FlowTestAnswer;
}

export async function save(file: FlowSaveRequest): Promise<FlowSaved> {
  return (await request("POST", "/api/flows/save", file)) as FlowSaved;
}

/** Begin a new flow, small and sound, in a file of its own. */
export async function begin(name: string): Promise<FlowSaved> {
  return (await request("POST", "/api/flows/new", { name })) as FlowSaved;
}

export async function versions(): Promise<FlowVersionsAnswer> {
  return (await request("GET", "/api/flows/versions")) as FlowVersionsAnswer;
}

/** What is written against what is in force; or a version against what is in force. */
export async function diff(version: number | null): Promise<FlowDiffAnswer> {
  return (await request("GET", version === null ? "/api/flows/diff" : `/api/flows/diff?new=${version}`)) as FlowDiffAnswer;
}

/** What is asked of publishing; each is refused with its reasons. */
export type FlowDeed = "publish" | "stage-new" | "stage" | "finish" | "withdraw" | "rollback";

export interface Asked {
  note: string;
  percent: number;
  content: string;
  number: number | null;
}

/** Publish, or change what is published. */
export async function carryOut(deed: FlowDeed, { note, percent, content, number }: Asked): Promise<FlowsDone> {
  const bodies: Record<FlowDeed, object> = {
    publish: { note, content },
    "stage-new": { note, content, percent },
    stage: { note, percent },
    finish: { note },
    withdraw: { note },
    rollback: { note, number },
  };
  const path = deed === "stage-new" ? "publish" : deed;
  return (await request("POST", `/api/flows/${path}`, bodies[deed])) as FlowsDone;
}

/** The texts that are others after a change made in the graph of this file; nothing is saved. */
export async function changed(files: FlowText[], name: string, change: FlowChange): Promise<FlowText[]> {
  const body: FlowChangeRequest = { files, name, change };
  return ((await request("POST", "/api/flows/change", body)) as FlowChanged).files;
}
