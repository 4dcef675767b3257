/** The telephone of this page. Its states are its own; what may be done with calls the server says. */

import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { ApiError, softphone, softphoneState } from "../api";
import type { SoftphoneAnswer } from "../wire";
import type { WordKey } from "../words";
import type { Line, Told } from "./line";
import { choose, closed, devices, opened, type Devices } from "./microphone";

/** `starting` proves microphone and sound; `ready` is registered; `lost` has no socket for now. */
export type PhoneState = "off" | "starting" | "ready" | "lost" | "failed";

/** Why the phone cannot be used, by the words for it. */
export type PhoneFault = WordKey & `phone.fault.${string}`;

const TAB_LOCK = "softphone";
const YIELDS_WITHIN_MS = 1_000;
const MICROPHONE_FAULTS: Record<string, PhoneFault> = {
  NotAllowedError: "phone.fault.denied",
  NotFoundError: "phone.fault.no_microphone",
  OverconstrainedError: "phone.fault.no_microphone",
  NotReadableError: "phone.fault.microphone_busy",
};

export const usePhone = defineStore("phone", () => {
  const state = ref<PhoneState>("off");
  const fault = ref<PhoneFault | null>(null);
  const name = ref<string | null>(null);
  const ringing = ref(false);
  const talking = ref(false);
  const muted = ref(false);
  const microphone = shallowRef<MediaStream | null>(null);
  const speaker = document.createElement("audio");
  speaker.autoplay = true;
  document.body.append(speaker);
  const usable = computed(() => state.value === "ready" || state.value === "lost");

  let agent = "";
  let line: Line | null = null;
  let given: SoftphoneAnswer | null = null;
  let renewing: ReturnType<typeof setTimeout> | undefined;
  let leaveTab: (() => void) | null = null;

  const told: Told = {
    registered: () => (state.value = "ready"),
    refused: () => void renewOrYield(),
    lost: () => {
      if (usable.value) state.value = "lost";
    },
    rings: () => (ringing.value = true),
    talks: () => ([ringing.value, talking.value] = [false, true]),
    ended: () => ([ringing.value, talking.value, muted.value] = [false, false, false]),
  };

  /** Be the phone of this agent; the name of it, or null when it cannot be used: `fault` says why. */
  async function start(agentId: string): Promise<string | null> {
    if (usable.value && agent === agentId) return name.value;
    stop();
    [agent, state.value, fault.value] = [agentId, "starting", null];
    try {
      if (!(await takeTab())) return fail("phone.fault.other_tab");
      if (!window.isSecureContext) return fail("phone.fault.insecure");
      microphone.value = await opened();
      watchMicrophone(microphone.value);
      given = await softphone(agentId, true);
      const { Line } = await import("./line");
      line = new Line(given, () => microphone.value!, speaker, told);
      await line.open();
      renewLater(given);
      return (name.value = given.phone);
    } catch (error) {
      return fail(faultOf(error));
    }
  }

  /** Be no phone any more. */
  function stop(): void {
    clearTimeout(renewing);
    line?.close();
    closed(microphone.value);
    leaveTab?.();
    [line, given, name.value, microphone.value, leaveTab] = [null, null, null, null, null];
    told.ended();
    [state.value, fault.value] = ["off", null];
  }

  /** Take the call; it rings no more, though it talks only when sound has found its way. */
  function answer(): void {
    line?.answer();
    ringing.value = false;
  }

  function mute(on: boolean): void {
    line?.mute(on);
    muted.value = on;
  }

  /** Use other devices, also during a call. */
  async function use(chosen: Partial<Devices>): Promise<void> {
    choose(chosen);
    await speaker.setSinkId?.(devices.value.speaker);
    if (!microphone.value) return;
    const before = microphone.value;
    microphone.value = await opened();
    watchMicrophone(microphone.value);
    await line?.speakThrough(microphone.value);
    closed(before);
  }

  function fail(reason: PhoneFault): null {
    stop();
    [state.value, fault.value] = ["failed", reason];
    return null;
  }

  /** A microphone that is pulled out makes the phone useless: it must not be rung. */
  function watchMicrophone(stream: MediaStream): void {
    const [track] = stream.getAudioTracks();
    track?.addEventListener("ended", () => {
      if (microphone.value === stream) fail("phone.fault.no_microphone");
    });
  }

  /** One page of this browser is the phone; its lock goes with the page, however that ends. One that yields to this one
   *  just now has a moment for it. */
  function takeTab(): Promise<boolean> {
    return new Promise((taken) => {
      const held = () => {
        taken(true);
        return new Promise<void>((leave) => (leaveTab = leave));
      };
      const apart = ({ name }: DOMException) => taken(name === "SecurityError"); // a frame that knows of no other page
      navigator.locks.request(TAB_LOCK, { signal: AbortSignal.timeout(YIELDS_WITHIN_MS) }, held).catch(apart);
    });
  }

  function renewLater({ expires_at }: SoftphoneAnswer): void {
    clearTimeout(renewing);
    renewing = setTimeout(() => void renew(), (Date.parse(expires_at) - Date.now()) / 2);
  }

  async function renew(): Promise<void> {
    try {
      given = await softphone(agent, false);
      line?.renew(given.password);
      renewLater(given);
    } catch (error) {
      if (error instanceof ApiError && error.problem.status < 500 && error.problem.status > 0) fail("phone.fault.refused");
      else renewing = setTimeout(() => void renew(), 5_000);
    }
  }

  /** The switch refused us: it has forgotten the phone, or another browser is the phone now. */
  async function renewOrYield(): Promise<void> {
    const latest = await softphoneState(agent).catch(() => null);
    if (latest && given && latest.issue > given.issue) fail("phone.fault.elsewhere");
    else await renew();
  }

  return { state, fault, name, ringing, talking, muted, microphone, usable, start, stop, answer, mute, use };
});

function faultOf(error: unknown): PhoneFault {
  if (error instanceof ApiError) return error.problem.status === 503 ? "phone.fault.switch_away" : "phone.fault.refused";
  const { name, reason } = error as { name?: string; reason?: string };
  if (reason === "no_audio") return "phone.fault.no_audio";
  return MICROPHONE_FAULTS[name ?? ""] ?? "phone.fault.no_answer";
}
