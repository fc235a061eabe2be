/**
 * What happens inside, as lines for people who look for a hang: `REAPOOL_TRACE=1`, or a choice such as `worker,wire`.
 * Owns the choice and the shape of a line; what is worth one is said where it happens. Without the variable there is no
 * `Trace`, and each such place costs a comparison with undefined: so it passes what is at hand, and the text is made
 * here. docs/debugging.md shows how to read the lines.
 *
 *     reapool:1     41.207  worker  w1    starting    -ready-> warming: clearTimer, warmUp
 *           |       |       |       |     what
 *           pool    ms      area    worker or task; the ms count from the first pool of this process
 */
import { messageOf } from "./message-of.ts";
import { nearestName } from "./nearest-name.ts";
import type { Exit, Runtime } from "./port/runtime.ts";

const TRACE_VARIABLE = "REAPOOL_TRACE";

const AREAS = ["worker", "task", "guard", "wire"] as const;

export type TraceArea = (typeof AREAS)[number];

/** What a worker's machine is in, as far as a line says it. */
export interface TracedState {
  readonly phase: string;
  readonly reason: string | undefined;
  readonly exit: Exit | undefined;
  readonly error: unknown;
}

export interface TracedEvent {
  readonly type: string;
  readonly reason?: string;
  readonly manner?: string;
  readonly exit?: Exit;
}

export interface TracedEffect {
  readonly type: string;
  readonly name?: string;
  readonly ms?: number;
}

interface TracedTask {
  /** From 0; a line says one more. */
  readonly order: number;
  readonly name: string;
  readonly acceptedAt: number;
}

/** The frames of one worker. `task`: the number under which the worker knows it, 0 for none. */
export interface WireTrace {
  sent(type: string, task: number, bytes: number): void;
  received(type: string, task: number, bytes: number): void;
  /** Something else that explains what comes: the greeting, or what was read in the journal. */
  note(what: string): void;
}

/** One pool's. Each call is one line, or none where the area is not chosen. */
export interface Trace {
  /** Its process runs, or could not be started: then it has no pid. */
  started(worker: number, pid: number | undefined): void;
  /** A step of its machine. The step to `dead` is its death, and gets a line of its own for the reason. */
  step(
    worker: number,
    before: TracedState,
    event: TracedEvent,
    after: TracedState,
    effects: readonly TracedEffect[],
  ): void;
  task(task: TracedTask, what: string): void;
  settled(task: TracedTask, isFulfilled: boolean, error: unknown): void;
  guard(what: string): void;
  /** Undefined where frames are not chosen. */
  wire(worker: number): WireTrace | undefined;
}

/** One process's: its pools share the clock, so that their lines can be read together. */
export interface ProcessTrace {
  /** What all pools of the process have in common: the guard. */
  readonly common: Trace;
  /** The next pool, which runs this module. */
  pool(module: string): Trace;
}

/** Undefined unless the environment asks for it, and where this process may not read its environment. */
export function openTrace(
  runtime: Pick<Runtime, "environment" | "forward" | "now" | "warn">,
): ProcessTrace | undefined {
  const { areas, unknown } = chosenAreas(runtime.environment(TRACE_VARIABLE) ?? "");
  for (const name of unknown) runtime.warn(unknownArea(name));
  if (areas.size === 0) return undefined;
  const encoder = new TextEncoder();
  const madeAt = runtime.now();
  let pools = 0;
  const printer =
    (pool: string) =>
    (area: string, subject: string, what: string): void => {
      const line = formatLine(pool, runtime.now() - madeAt, area, subject, what);
      runtime.forward("stderr", encoder.encode(line));
    };
  return {
    common: traceInto(printer("-"), areas, runtime),
    pool: (module) => {
      const print = printer(String(++pools));
      print("pool", "", module); // whatever is chosen: it says which number is which pool
      return traceInto(print, areas, runtime);
    },
  };
}

/** `1` is all of them; nothing and `0` are none. */
export function chosenAreas(value: string): {
  readonly areas: ReadonlySet<TraceArea>;
  readonly unknown: readonly string[];
} {
  if (value.trim() === "1") return { areas: new Set(AREAS), unknown: [] };
  const names = value.split(",").map((name) => name.trim());
  const isArea = (name: string): name is TraceArea => (AREAS as readonly string[]).includes(name);
  return {
    areas: new Set(names.filter(isArea)),
    unknown: names.filter((name) => !isArea(name) && name !== "" && name !== "0"),
  };
}

function unknownArea(name: string): string {
  return (
    `reapool: Expected ${TRACE_VARIABLE} to be 1, or some of ${AREAS.join(", ")} with commas between them, ` +
    `received ${JSON.stringify(name)}${nearestName(name, AREAS)}`
  );
}

export function formatLine(pool: string, ms: number, area: string, subject: string, what: string): string {
  return `reapool:${pool.padEnd(2)} ${ms.toFixed(3).padStart(10)}  ${area.padEnd(6)}  ${subject.padEnd(4)}  ${what}\n`;
}

type Print = (area: TraceArea, subject: string, what: string) => void;

function traceInto(print: Print, areas: ReadonlySet<TraceArea>, clock: Pick<Runtime, "now">): Trace {
  const say: Print = (area, subject, what) => {
    if (areas.has(area)) print(area, subject, what);
  };
  return {
    started: (worker, pid) =>
      say("worker", `w${worker}`, pid === undefined ? "has no process" : `runs as pid ${pid}`),
    step: (worker, before, event, after, effects) => {
      say("worker", `w${worker}`, formatStep(before, event, after, effects));
      if (after.phase === "dead" && before.phase !== "dead") say("worker", `w${worker}`, formatDeath(after));
    },
    task: ({ order }, what) => say("task", `t${order + 1}`, what),
    settled: ({ order, name, acceptedAt }, isFulfilled, error) => {
      const how = isFulfilled ? "fulfilled" : "rejected";
      const why = isFulfilled ? "" : `: ${firstLine(error)}`;
      say("task", `t${order + 1}`, `${how} ${name} after ${(clock.now() - acceptedAt).toFixed(1)} ms${why}`);
    },
    guard: (what) => say("guard", "", what),
    wire: (worker) => {
      if (!areas.has("wire")) return undefined;
      const subject = `w${worker}`;
      return {
        sent: (type, task, bytes) => print("wire", subject, `> ${formatFrame(type, task, bytes)}`),
        received: (type, task, bytes) => print("wire", subject, `< ${formatFrame(type, task, bytes)}`),
        note: (what) => print("wire", subject, `< ${what}`),
      };
    },
  };
}

/** As wide as the longest phase. */
const PHASE_WIDTH = "terminating".length;
const FRAME_WIDTH = "InputFailure".length;

export function formatStep(
  before: TracedState,
  event: TracedEvent,
  after: TracedState,
  effects: readonly TracedEffect[],
): string {
  const { type, reason, manner, exit } = event;
  const cause = detailed(type, [reason, manner, exit && formatExit(exit)]);
  const done = effects.map(({ type, name, ms }) => detailed(type, [name, ms])).join(", ");
  return `${before.phase.padEnd(PHASE_WIDTH)} -${cause}-> ${after.phase}${done === "" ? "" : `: ${done}`}`;
}

export function formatDeath({ reason, exit, error }: TracedState): string {
  const what = `died: ${reason}, ${exit === undefined ? "without an exit" : formatExit(exit)}`;
  return error === undefined ? what : `${what}: ${firstLine(error)}`;
}

export function formatFrame(type: string, task: number, bytes: number): string {
  return `${type.padEnd(FRAME_WIDTH)} ${(task === 0 ? "" : `#${task}`).padEnd(6)} ${bytes} B`;
}

function detailed(type: string, details: readonly (string | number | undefined)[]): string {
  const known = details.filter((detail) => detail !== undefined);
  return known.length === 0 ? type : `${type}(${known.join(" ")})`;
}

function formatExit({ code, signal, error }: Exit): string {
  if (error !== undefined) return `not started: ${firstLine(error)}`;
  return signal ?? `code ${code}`;
}

/** Of a message, in characters: a line is to fit a terminal. */
const MESSAGE_LENGTH = 100;

function firstLine(error: unknown): string {
  const [line = ""] = messageOf(error).split("\n");
  return line.length > MESSAGE_LENGTH ? `${line.slice(0, MESSAGE_LENGTH - 1)}…` : line;
}
