/**
 * When everything that had arrived has been read. Deno's timers and immediates don't tell: its loop asks the kernel for what
 * can be read when it has nothing else to do, and otherwise in every 61st turn. What is due runs in each, so that a host
 * whose loop never rests came to a timer 200 ms before a pipe that had been ready all the time. So a byte goes through a
 * connection of this process with itself: what was ready before it is read before it.
 */
import { bare, type Timer } from "@reapool/core";
import { afterCallbacks, startTimer } from "./clock.ts";

/** The byte should take microseconds; a loop that is late comes to this timer first, so it is set twice. */
const LOST_AFTER_MS = 1_000;

const BYTE = new Uint8Array(1);

class Mirror {
  readonly #near: Deno.UnixConn;
  readonly #far: Deno.UnixConn;
  /** Since the byte left. */
  #waiting: (() => void)[] = [];
  /** Until it is back. */
  #sent: (() => void)[] = [];
  #isUnderWay = false;
  #watchdog: Timer | undefined;

  constructor(near: Deno.UnixConn, far: Deno.UnixConn) {
    this.#near = near;
    this.#far = far;
    near.unref();
    far.unref();
    void this.#receive();
  }

  afterTurn(callback: () => void): void {
    this.#waiting.push(callback);
    if (!this.#isUnderWay) this.#send();
  }

  close(): void {
    if (mirror === this) mirror = undefined;
    for (const end of [this.#near, this.#far]) {
      try {
        end.close();
      } catch {
        // BadResource: closed already
      }
    }
    this.#watchdog?.cancel();
    for (const callback of [...this.#sent.splice(0), ...this.#waiting.splice(0)]) startTimer(0, callback);
  }

  #send(): void {
    this.#isUnderWay = true;
    this.#sent = this.#waiting;
    this.#waiting = [];
    this.#watch(() => this.#watch(() => this.close()));
    this.#near.write(BYTE).catch(() => this.close());
  }

  #watch(onLost: () => void): void {
    this.#watchdog = startTimer(LOST_AFTER_MS, onLost);
  }

  async #receive(): Promise<void> {
    const buffer = new Uint8Array(1);
    try {
      while ((await this.#far.read(buffer)) !== null) this.#onBack();
    } catch {
      // closed
    }
    this.close();
  }

  /** What was read with the byte takes some microtasks to its reader: an immediate comes behind them. */
  #onBack(): void {
    this.#watchdog?.cancel();
    for (const callback of this.#sent.splice(0)) afterCallbacks(callback);
    afterCallbacks(() => {
      if (this.#waiting.length > 0) this.#send();
      else this.#isUnderWay = false;
    });
  }
}

let mirror: Mirror | undefined;
let listeners = 0;

export function afterTurn(callback: () => void): void {
  if (mirror === undefined) startTimer(0, callback);
  else mirror.afterTurn(callback);
}

/**
 * Makes the connection when a process begins to listen: to a socket that nobody else knows yet, so that it takes no other
 * place and no other permission. Where it can't be had, a timer must do. Returns what ends it, with the last of the
 * listeners: a process that closes its pools leaves nothing open.
 */
export async function openMirror(server: Deno.UnixListener, path: string): Promise<() => void> {
  listeners++;
  if (listeners === 1) mirror = await mirrorOf(server, path);
  let isOpen = true;
  return () => {
    if (!isOpen) return;
    isOpen = false;
    listeners--;
    if (listeners === 0) mirror?.close();
  };
}

/** Undefined where no descriptor is left, say. */
async function mirrorOf(server: Deno.UnixListener, path: string): Promise<Mirror | undefined> {
  let near: Deno.UnixConn | undefined;
  try {
    near = await Deno.connect(bare({ transport: "unix", path }));
    return new Mirror(near, await server.accept());
  } catch {
    near?.close();
    return undefined;
  }
}
