import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Snapshot } from "../wire";
import { Connection, type LineState } from "./connection";
import { fromSnapshot, type Picture } from "./picture";
import { recorded, type Message } from "./recorded";

/** The server's side of a socket that the connection has opened. */
class FakeSocket {
  static opened: FakeSocket[] = [];
  onopen: (() => void) | undefined;
  onmessage: ((event: { data: string }) => void) | undefined;
  onclose: ((event: { code: number }) => void) | undefined;
  said: unknown[] = [];
  closed = false;

  constructor(readonly url: URL) {
    FakeSocket.opened.push(this);
  }

  send(text: string): void {
    this.said.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  accept(): void {
    this.onopen?.();
  }

  tell(...messages: Message[]): void {
    for (const message of messages) this.onmessage?.({ data: JSON.stringify(message) });
  }

  drop(code = 1006): void {
    this.onclose?.({ code });
  }
}

const { messages, end } = recorded("supervisor");
const snapshot = messages[0] as Snapshot;
const changes = messages.filter((message) => message.type === "changes");

let pictures: Picture[];
let lines: [LineState, number][];
let loggedOut: number;
let connection: Connection;
let whoAmI: () => Response;

const socket = () => FakeSocket.opened.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.opened = [];
  [pictures, lines, loggedOut] = [[], [], 0];
  whoAmI = () => Response.json({ viewer: snapshot.viewer, csrf_token: "t" });
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("location", { href: "https://centre.example/desk" });
  vi.stubGlobal("fetch", async () => whoAmI());
  connection = new Connection({
    told: (picture) => pictures.push(picture),
    line: (state, failures) => lines.push([state, failures]),
    loggedOut: () => (loggedOut += 1),
  });
});

afterEach(() => {
  connection.end();
  vi.unstubAllGlobals();
});

describe("a fresh line", () => {
  it("asks for everything, over TLS where the page came over it", () => {
    socket().accept();
    expect(socket().url.href).toBe("wss://centre.example/api/socket");
    expect(socket().said).toEqual([{ resume_from: null }]);
    expect(lines).toEqual([["connecting", 0]]);
  });

  it("tells the picture after each message that changes it", () => {
    socket().accept();
    socket().tell(...messages);
    expect(pictures.length).toBe(1 + changes.length);
    expect(pictures.at(-1)).toEqual(fromSnapshot(end));
    expect(lines.at(-1)).toEqual(["live", 0]);
  });
});

describe("a lost line", () => {
  beforeEach(() => {
    socket().accept();
    socket().tell(snapshot, changes[0]!);
  });

  it("is opened again and goes on where the picture stands", async () => {
    socket().drop();
    expect(lines.at(-1)).toEqual(["lost", 1]);
    await vi.advanceTimersByTimeAsync(700);
    expect(FakeSocket.opened.length).toBe(2);
    socket().accept();
    expect(socket().said).toEqual([{ resume_from: changes[0]!.seq }]);
    socket().tell(...changes.slice(1));
    expect(pictures.at(-1)).toEqual(fromSnapshot(end));
    expect(lines.at(-1)).toEqual(["live", 0]);
  });

  it("is given more and more time, up to fifteen seconds", async () => {
    const pauses: number[] = [];
    for (let failure = 0; failure < 9; failure += 1) {
      const since = Date.now();
      const opened = FakeSocket.opened.length;
      socket().drop();
      while (FakeSocket.opened.length === opened) await vi.advanceTimersByTimeAsync(50);
      pauses.push(Date.now() - since);
    }
    expect(lines.at(-1)).toEqual(["lost", 9]);
    expect(pauses[0]).toBeLessThanOrEqual(700);
    expect(Math.min(...pauses.slice(5))).toBeGreaterThanOrEqual(5_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(15_100);
  });

  it("is noticed when nothing is heard, though it was never closed", async () => {
    const [silent] = FakeSocket.opened;
    await vi.advanceTimersByTimeAsync(25_000);
    expect(silent!.closed).toBe(true);
    expect(lines.at(-1)).toEqual(["lost", 1]);
    silent!.tell(...changes.slice(1)); // too late: it is another line's turn
    expect(pictures.length).toBe(2);
  });

  it("is kept by pings", async () => {
    const ping = messages.find((message) => message.type === "ping")!;
    for (let count = 0; count < 5; count += 1) {
      await vi.advanceTimersByTimeAsync(20_000);
      socket().tell(ping);
    }
    expect(FakeSocket.opened.length).toBe(1);
    expect(pictures.length).toBe(2);
  });

  it("is a message that was missed as well: it resumes from before", async () => {
    socket().tell(changes.at(-1)!);
    expect(lines.at(-1)).toEqual(["lost", 1]);
    await vi.advanceTimersByTimeAsync(700);
    socket().accept();
    expect(socket().said).toEqual([{ resume_from: changes[0]!.seq }]);
    expect(pictures.length).toBe(2);
  });

  it("ends when the session has ended meanwhile", async () => {
    whoAmI = () => Response.json({ status: 401 }, { status: 401 });
    socket().drop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(loggedOut).toBe(1);
    expect(FakeSocket.opened.length).toBe(1);
  });

  it("is tried for as long as the server does not answer who we are", async () => {
    whoAmI = () => {
      throw new TypeError("network down");
    };
    socket().drop();
    await vi.advanceTimersByTimeAsync(700);
    expect(FakeSocket.opened.length).toBe(2);
    expect(loggedOut).toBe(0);
  });
});

it("ends at once when the server says that the session is over", async () => {
  socket().drop(4401);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(loggedOut).toBe(1);
  expect(FakeSocket.opened.length).toBe(1);
});

it("comes back no more after it was ended", async () => {
  socket().drop();
  connection.end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSocket.opened.length).toBe(1);
});
