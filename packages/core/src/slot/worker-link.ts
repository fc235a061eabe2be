/**
 * A slot's link to its worker: the process and its output, the channel it has opened, the journal it keeps. Owns how these
 * are created and released together; the slot decides what follows from their events.
 */

import type { Door, HostProcess } from "../host/host-process.ts";
import type { OutputMode } from "../options/worker-options.ts";
import { TOKEN_VARIABLE } from "../port/launcher.ts";
import { assertNoWorker } from "../port/role.ts";
import type { Channel, Exit, OutputStream, Signal } from "../port/runtime.ts";
import type { Lease } from "../reaping/leases.ts";
import { isPassing, TRY_AGAIN_AFTER } from "../reaping/refusal.ts";
import type { Trace } from "../trace.ts";
import type { Hello, Init } from "../wire/frame.ts";
import type { Noted } from "../wire/journal.ts";
import { lineageOf, noteStartFailure } from "../worker/loading.ts";
import { Connection, type ConnectionEvents } from "./connection.ts";
import { type Launched, prepareLaunch } from "./launch.ts";
import { WorkerOutput } from "./output.ts";
import type { StartedWorker } from "./start-options.ts";

export interface LinkEvents extends Omit<ConnectionEvents, "onDying"> {
  /** Whether it should still be started: a temporary failure of the system is retried. */
  isWanted(): boolean;
  /** There is no process, and there will be none. */
  onNotStarted(error: unknown): void;
  onStart(): void;
  /** The process that was started is gone, through no fault of its own: another is started in its place. */
  onMoved(exit: Exit): void;
  /** This host may not signal the worker. */
  onRefused(error: Error): void;
  /** The kernel has ended it at a limit, or its lease has run out; `onExit` follows. */
  onKilled(reason: "memory" | "lease", error: Error): void;
  onConnected(): void;
  /** It speaks another version, or its Init can't be sent. */
  onUnusable(error: unknown): void;
  onOutput(stream: OutputStream, output: string | Uint8Array): void;
  /** What was read of its output, in every mode; valid only during the call. */
  onOutputRead(stream: OutputStream, bytes: Uint8Array): void;
  /** All of its streams that are read have ended. */
  onOutputEnd(): void;
  onExit(exit: Exit): void;
}

/** So often a start is made anew elsewhere. */
const MAX_MOVES = 3;

const NO_OUTPUT = { stdout: "ignore", stderr: "ignore" } as const;

/** Without a journal, all tasks count as started: a task that may have begun is never run again. */
const UNKNOWN: Noted = { started: Number.POSITIVE_INFINITY, missing: undefined, isBehind: false };

export class WorkerLink {
  /** Undefined until the worker has connected. */
  connection: Connection | undefined;
  /** The error it reported to be dying of. */
  uncaught: unknown;
  readonly #host: HostProcess;
  readonly #events: LinkEvents;
  readonly #trace: Trace | undefined;
  readonly #output: WorkerOutput;
  #lineage: readonly string[] = [];
  #launched: Launched | undefined;
  /** As it was started. */
  #worker: StartedWorker | undefined;

  /** @param modes How its output is handled; undefined when there will be none. */
  constructor(
    host: HostProcess,
    modes: Record<OutputStream, OutputMode> | undefined,
    events: LinkEvents,
    trace?: Trace,
  ) {
    this.#host = host;
    this.#events = events;
    this.#trace = trace;
    this.#output = new WorkerOutput(modes ?? NO_OUTPUT, {
      afterTurn: (callback) => host.runtime.afterTurn(callback),
      forward: (stream, bytes) => host.runtime.forward(stream, bytes),
      onRead: (stream, bytes) => events.onOutputRead(stream, bytes),
      onOutput: (stream, output) => events.onOutput(stream, output),
    });
  }

  get stderrTail(): string {
    return this.#output.stderrTail;
  }

  /** Calls can hear what it writes. True also as long as there is no process: `worker` then decides. */
  get isHeard(): boolean {
    return this.#worker?.isStdoutRead !== false;
  }

  get pid(): number | undefined {
    return this.#launched?.pid;
  }

  get lease(): Lease | undefined {
    return this.#launched?.lease;
  }

  /**
   * What has to be there before the process is started. Rejects with the reason why that can't be had, or why this module
   * may not be started here.
   */
  async open(module: string, uid: number | undefined): Promise<Door> {
    assertNoWorker(this.#host.runtime.environment(TOKEN_VARIABLE));
    this.#lineage = lineageOf(module); // as it is now, not when the socket is open
    return this.#host.open(uid);
  }

  /** Starts the process. Never throws. */
  launch(door: Door, worker: StartedWorker, init: Omit<Init, "journal">, tries = 0): void {
    try {
      this.#launch(door, worker, init, tries);
    } catch (error) {
      const wait = this.#events.isWanted() && isPassing(error) ? TRY_AGAIN_AFTER[tries] : undefined;
      if (this.#isLost(door, tries)) this.#launchElsewhere(worker, init, tries);
      else if (wait === undefined) this.#events.onNotStarted(error);
      else this.#host.runtime.startTimer(wait, () => this.launch(door, worker, init, tries + 1));
    }
  }

  /** Something has removed what the worker needs until it is ready: it can't be blamed. */
  #isLost(door: Door, tries: number): boolean {
    return tries < MAX_MOVES && this.#events.isWanted() && !this.#host.isWhole(door);
  }

  #launchElsewhere(worker: StartedWorker, init: Omit<Init, "journal">, tries: number): void {
    this.#host.open(worker.uid).then(
      (door) => this.launch(door, worker, init, tries + 1),
      (error: unknown) => this.#events.onNotStarted(error),
    );
  }

  #launch(door: Door, worker: StartedWorker, init: Omit<Init, "journal">, tries: number): void {
    if (!this.#events.isWanted()) throw new Error("The worker was stopped before its process existed");
    const events = this.#events;
    this.#worker = worker;
    let outputsOpen = worker.isStdoutRead ? 2 : 1;
    let isLost = false;
    const wasLost = () => {
      isLost ||= this.#isLost(door, tries);
      return isLost;
    };
    const launched = prepareLaunch(this.#host, door, init.module, worker, {
      welcome: (channel, hello) =>
        this.#connect(channel, hello, init, {
          ...events,
          onStartFailed: (error) => {
            if (wasLost()) launched.group.signal("SIGKILL");
            else events.onStartFailed(error);
          },
          onClosed: () => {
            if (!isLost) events.onClosed();
          },
        }),
      onKilled: (reason, error) => events.onKilled(reason, error),
      group: {
        onStart: () => events.onStart(),
        onRefused: (error) => events.onRefused(error),
        onOutput: (stream, bytes) => this.#output.push(stream, bytes),
        onOutputEnd: (stream) => {
          this.#output.end(stream);
          outputsOpen--;
          if (!isLost && outputsOpen === 0) events.onOutputEnd();
        },
        onExit: (exit) => {
          launched.forget();
          if (exit.error !== undefined || !wasLost()) return events.onExit(exit);
          events.onMoved(exit);
          launched.group.sweep(() => launched.dispose());
          this.connection?.close();
          this.connection?.end();
          this.connection = undefined;
          this.#launchElsewhere(worker, init, tries);
        },
      },
    });
    this.#launched = launched;
    launched.group.start();
  }

  /** A worker that is told to stop before it has connected is not let in any more. */
  signal(name: Signal): void {
    this.#launched?.forget();
    this.#launched?.group.signal(name);
  }

  /** Asks it to leave. */
  leave(): void {
    this.#launched?.group.note();
    this.connection?.leave();
  }

  /** Sends SIGKILL to what is left in the worker's group, until it is empty. */
  sweep(onGone: () => void): void {
    this.#launched?.group.sweep(onGone);
  }

  /** Reads from the journal what the worker has written and the channel has not delivered yet. */
  readJournal(): Noted {
    const noted = this.look();
    this.connection?.release();
    return noted;
  }

  /** The same, but what is read may wait for output that the worker wrote before. */
  look(): Noted {
    const journal = this.#launched?.journal;
    return (journal && this.connection?.readJournal(journal)) ?? UNKNOWN;
  }

  /** The worker is gone. Reads its last bytes, and returns the last task it has begun. */
  end(): number {
    this.#launched?.group.leave();
    this.connection?.close();
    const { started } = this.readJournal();
    this.connection?.end();
    this.#launched?.dispose();
    return started;
  }

  #connect(
    channel: Channel,
    hello: Hello,
    init: Omit<Init, "journal">,
    events: LinkEvents,
  ): Connection["channelEvents"] {
    const connection = new Connection(
      channel,
      hello,
      this.#eventsOf(init.module, events),
      this.#trace?.wire(init.workerId),
      this.#output.isCaptured || this.#worker?.isStdoutRead ? this.#output : undefined,
    );
    this.connection = connection;
    this.#events.onConnected();
    const journal = this.#launched?.journal.path ?? "";
    const failure = connection.open(hello, { ...init, lineage: this.#lineage, journal });
    if (failure !== undefined) this.#events.onUnusable(failure);
    return connection.channelEvents;
  }

  #eventsOf(module: string, events: LinkEvents): ConnectionEvents {
    const onDying = (error: unknown) => {
      this.uncaught = error;
    };
    const onStartFailed = (error: unknown) => {
      noteStartFailure(module, error);
      events.onStartFailed(error);
    };
    return { ...events, onDying, onStartFailed };
  }
}
