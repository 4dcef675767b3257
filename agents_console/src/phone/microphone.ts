/** The sound of this machine: which devices there are, which were chosen, and how loud one speaks. */

import { ref } from "vue";
import { keep, kept } from "../kept";

const KEPT = "phone.devices";

/** What the person chose; empty: what the machine takes by itself. */
export interface Devices {
  microphone: string;
  speaker: string;
  /** Echo cancelling, noise suppression and levelling by the browser; off for headsets that do it themselves. */
  processed: boolean;
}

export const devices = ref<Devices>({
  microphone: "",
  speaker: "",
  processed: true,
  ...(JSON.parse(kept(KEPT) ?? "{}") as Partial<Devices>),
});

export function choose(chosen: Partial<Devices>): void {
  devices.value = { ...devices.value, ...chosen };
  keep(KEPT, JSON.stringify(devices.value));
}

/** Every microphone and speaker; they have names once the microphone was allowed. */
export async function listed(): Promise<Record<"microphone" | "speaker", MediaDeviceInfo[]>> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind: MediaDeviceKind) => all.filter((one) => one.kind === kind && one.deviceId !== "");
  return { microphone: of("audioinput"), speaker: of("audiooutput") };
}

/** The microphone, open. Raises what getUserMedia does: NotAllowedError, NotFoundError, NotReadableError. */
export function opened(): Promise<MediaStream> {
  const { microphone, processed } = devices.value;
  return navigator.mediaDevices.getUserMedia({
    audio: {
      ...(microphone ? { deviceId: { exact: microphone } } : {}),
      echoCancellation: processed,
      noiseSuppression: processed,
      autoGainControl: processed,
    },
  });
}

export function closed(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Calls `told` ten times a second with how loud the stream is, 0 to 1, until the answer is called. */
export function metered(stream: MediaStream, told: (level: number) => void): () => void {
  const context = new AudioContext();
  const meter = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(meter);
  const samples = new Float32Array(meter.fftSize);
  const timer = setInterval(() => {
    meter.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    told(Math.min(1, Math.max(0, 1 + Math.log10(power + 1e-6) / 6)));
  }, 100);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
