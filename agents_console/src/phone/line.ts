/** SIP over the centre's own socket: proves that sound goes both ways, registers, and takes the call that the centre
 *  rings. One call at a time; everything else about calls is the server's. */

import { UA, WebSocketInterface } from "jssip";
import type { IncomingRTCSessionEvent, RTCSessionEvent } from "jssip/lib/UA";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { SoftphoneAnswer } from "../wire";

/** What the line tells. */
export interface Told {
  registered(): void;
  /** The switch does not take these credentials (any more). */
  refused(): void;
  /** The socket is gone; it is tried again until it is back. */
  lost(): void;
  rings(): void;
  talks(): void;
  ended(): void;
}

/** Why the line cannot be used: `no_answer` of the switch, or `no_audio` from it. */
export class LineFault extends Error {
  constructor(readonly reason: "no_answer" | "no_audio") {
    super(reason);
  }
}

const EXPIRES_SEC = 120;
const RETRY_SEC = { first: 1, last: 5 };
const CONNECTED_WITHIN_MS = 6_000;
const HEARD_WITHIN_MS = 6_000;
const HEARD_PACKETS = 10;
const LOOK_MS = 100;
/** How long to look for ways to the switch after the first was found. */
const GATHERED_WITHIN_MS = 500;
const BUSY = 486;

export class Line {
  private readonly ua: UA;
  private readonly rtc: RTCConfiguration;
  private session: RTCSession | null = null;

  constructor(
    private readonly given: SoftphoneAnswer,
    private readonly microphone: () => MediaStream,
    private readonly speaker: HTMLAudioElement,
    private readonly told: Told,
  ) {
    const { host, protocol } = location;
    this.rtc = { iceServers: given.ice_servers };
    this.ua = new UA({
      sockets: [new WebSocketInterface(`${protocol === "https:" ? "wss" : "ws"}://${host}/sip`)],
      uri: this.address(given.phone),
      password: given.password,
      register: false,
      register_expires: EXPIRES_SEC,
      session_timers: false,
      connection_recovery_min_interval: RETRY_SEC.first,
      connection_recovery_max_interval: RETRY_SEC.last,
      user_agent: "callcenter",
    });
    this.ua.on("registered", () => this.told.registered());
    this.ua.on("registrationFailed", ({ response }) => response && this.told.refused());
    this.ua.on("disconnected", () => this.told.lost());
    this.ua.on("newRTCSession", (event: RTCSessionEvent) => {
      if (event.originator === "remote") this.rung(event as IncomingRTCSessionEvent);
    });
  }

  /** Connect, hear the echo of oneself, then register. Raises LineFault; the line is closed then. */
  async open(): Promise<void> {
    try {
      await this.connected();
      await this.echo();
    } catch (fault) {
      this.close();
      throw fault;
    }
    this.ua.register();
  }

  /** Other credentials for the same phone. */
  renew(password: string): void {
    this.ua.set("password", password);
    this.ua.register();
  }

  /** Take the call that rings; one that is being taken already goes on. */
  answer(): void {
    if (this.session?.isInProgress()) this.session.answer({ mediaStream: this.microphone(), pcConfig: this.rtc });
  }

  mute(on: boolean): void {
    if (on) this.session?.mute({ audio: true });
    else this.session?.unmute({ audio: true });
  }

  /** Speak through another microphone from now on. */
  async speakThrough(microphone: MediaStream): Promise<void> {
    const [track] = microphone.getAudioTracks();
    const sender = this.session?.connection?.getSenders().find((one) => one.track?.kind === "audio");
    if (sender && track) {
      track.enabled = sender.track?.enabled ?? true;
      await sender.replaceTrack(track);
    }
  }

  /** Register no more, and end what is left. */
  close(): void {
    this.ua.stop();
  }

  private address(user: string): string {
    return `sip:${user}@${location.hostname}`;
  }

  private connected(): Promise<void> {
    return new Promise((done, failed) => {
      const timer = setTimeout(() => failed(new LineFault("no_answer")), CONNECTED_WITHIN_MS);
      this.ua.on("connected", () => {
        clearTimeout(timer);
        done();
      });
      this.ua.start();
    });
  }

  /** Ring the echo and wait until one's own packets come back: only so both ways are proved. */
  private async echo(): Promise<void> {
    const call = this.ua.call(this.address(this.given.echo), { mediaStream: this.microphone(), pcConfig: this.rtc });
    hurried(call);
    try {
      await new Promise<void>((done, failed) => {
        call.on("confirmed", () => done());
        call.on("failed", () => failed(new LineFault("no_answer")));
        setTimeout(() => failed(new LineFault("no_answer")), HEARD_WITHIN_MS);
      });
      const giveUpAt = Date.now() + HEARD_WITHIN_MS;
      while ((await packetsHeard(call.connection)) < HEARD_PACKETS) {
        if (Date.now() > giveUpAt) throw new LineFault("no_audio");
        await new Promise((next) => setTimeout(next, LOOK_MS));
      }
    } finally {
      if (!call.isEnded()) call.terminate();
    }
  }

  private rung({ session }: IncomingRTCSessionEvent): void {
    if (this.session) return session.terminate({ status_code: BUSY });
    this.session = session;
    const over = () => {
      this.session = null;
      this.speaker.srcObject = null;
      this.told.ended();
    };
    session.on("peerconnection", ({ peerconnection }) => {
      peerconnection.addEventListener("track", ({ streams: [stream], track }) => {
        this.speaker.srcObject = stream ?? new MediaStream([track]);
      });
    });
    session.on("confirmed", () => this.told.talks());
    session.on("ended", over);
    session.on("failed", over);
    hurried(session);
    this.told.rings();
  }
}

/** Wait no longer for further ways to the switch when one was found. */
function hurried(session: RTCSession): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  session.on("icecandidate", ({ ready }) => {
    timer ??= setTimeout(ready, GATHERED_WITHIN_MS);
  });
}

async function packetsHeard(connection: RTCPeerConnection | undefined): Promise<number> {
  let packets = 0;
  for (const report of ((await connection?.getStats()) ?? new Map()).values() as Iterable<Record<string, unknown>>) {
    if (report["type"] === "inbound-rtp") packets += Number(report["packetsReceived"] ?? 0);
  }
  return packets;
}
