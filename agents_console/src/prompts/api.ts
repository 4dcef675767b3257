/** What callers hear, as the server keeps it. */

import { request } from "../api";
import type { Prompt, PromptRemoved, PromptsAnswer, PromptSound } from "../wire";

const pathOf = (number: string, deed: string): string => `/api/prompts/${encodeURIComponent(number)}/${deed}`;

export async function allPrompts(): Promise<Prompt[]> {
  return ((await request("GET", "/api/prompts")) as PromptsAnswer).prompts;
}

/** What a recording measures, and whether it would be taken in. */
export async function examine(sound: Blob): Promise<PromptSound> {
  return (await request("POST", "/api/prompts/examine", sound)) as PromptSound;
}

/** Let callers hear this recording of the text. */
export async function record(number: string, sound: Blob): Promise<Prompt> {
  return (await request("POST", pathOf(number, "recording"), sound)) as Prompt;
}

/** Forget the recording; the answer is the text as it is said now, or null. */
export async function removeRecording(number: string): Promise<Prompt | null> {
  return ((await request("POST", pathOf(number, "remove"), {})) as PromptRemoved).prompt;
}
