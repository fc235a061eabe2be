/**
 * A random program: pools, and steps that are applied to them one after another. It is JSON, so that it can be sent
 * to a player, printed with a breach and played again. Owns the shape and what makes a program valid; draw.ts draws
 * one, player/model.ts knows what each call must return.
 */

export interface Program {
  readonly pools: readonly PoolSpec[];
  readonly steps: readonly Step[];
  /**
   * More short programs: one after another on the same pools, each once everything is idle. Starting workers takes
   * the most time.
   */
  readonly more?: readonly (readonly Step[])[];
  /**
   * Tasks write a line when they start and when they end. Otherwise they are a little faster, and less can be
   * checked.
   */
  readonly journal?: true;
  /** Whether there is a listener for the `result` event. */
  readonly results?: true;
  /** How the pools end, if no step ends them; by default with `close()`. */
  readonly end?: "terminate";
}

/** Options of a pool, as it takes them. */
export interface PoolSpec {
  readonly minWorkers?: number;
  readonly maxWorkers: number;
  readonly concurrentTasksPerWorker?: number;
  readonly prefetch?: number;
  readonly spares?: number;
  readonly maxQueue?: number;
  readonly queueTimeout?: number;
  readonly timeout?: number;
  readonly idleTimeout?: number;
  readonly hangTimeout?: number;
  readonly killTimeout?: number;
  readonly recycle?: { readonly tasks: number };
  /** In MiB, given as `worker.limits.memory`. */
  readonly memoryLimit?: number;
}

export type Step = CallStep | PoolStep | PauseStep | FaultStep;

type CallKind = "run" | "stream" | "map" | "broadcast";

export interface CallStep {
  readonly do: CallKind;
  /** Identifies it in a program that has lost other steps. */
  readonly id: number;
  readonly pool?: number;
  readonly work: Work;
  readonly options?: CallOptions;
  /** How many such calls to make in one turn. Only for `run`. */
  readonly times?: number;
  /** Aborts before the call, or so many ms after it. */
  readonly abort?: "before" | number;
  readonly progress?: true;
  /** Stops reading items after so many. */
  readonly take?: number;
  /** The items are never read. */
  readonly unread?: true;
  /** Spends so many ms on each item. */
  readonly slow?: number;
  /** What `map` reads. */
  readonly source?: Source;
}

export interface CallOptions {
  readonly timeout?: number;
  readonly queueTimeout?: number;
  readonly priority?: number;
  readonly key?: string;
  readonly retries?: number;
  readonly ordered?: boolean;
  readonly concurrency?: number;
  readonly chunk?: number;
  readonly stopOnError?: boolean;
  readonly later?: boolean;
}

/** What one task does; each part is optional. */
export interface Work {
  /** How long it takes, in ms; in a generator, for each item. */
  readonly ms?: number;
  /** Sleeps instead of computing. */
  readonly asleep?: true;
  /** Tasks of this duration have their own export, from which the pool learns how long they run. */
  readonly own?: true;
  readonly gives?: Gives;
  /** The size in bytes or characters, of values that have one. */
  readonly size?: number;
  readonly throws?: Throws;
  /** How many attempts throw first. */
  readonly fails?: number;
  readonly emits?: number;
  /** Of a stream. */
  readonly items?: number;
  readonly reads?: Input;
  readonly guilt?: Guilt;
  /** Starts a process of its own that never ends. */
  readonly starts?: true;
}

export type Gives = "number" | "text" | "bytes" | "map" | "date" | "error" | "shared";
export type Throws = "error" | "text" | "null" | "odd";
/** Something that ends its worker, or never ends by itself. */
type Guilt = "exit" | "exit later" | "throw later" | "reject later" | "loop" | "stuck" | "leak";

/** An iterable argument. */
export interface Input {
  readonly of: "generator" | "readable" | "missing file";
  /** Without: endless. */
  readonly items?: number;
  /** Fails after its items. */
  readonly fails?: true;
  /** In ms. */
  readonly every?: number;
  /** The task stops reading it after so many. */
  readonly take?: number;
}

/** Argument lists for `map`. */
export interface Source {
  readonly of: "array" | "generator" | "later";
  /** Without: endless. */
  readonly items?: number;
  /** Each item comes so many ms after it was asked for. */
  readonly every?: number;
  /** After its items it fails, or never yields anything again. */
  readonly ends?: "fails" | "stuck";
  /** Every so-many-th item's task throws. */
  readonly bad?: number;
}

export type PoolStep =
  | { readonly do: "stats"; readonly pool?: number }
  | { readonly do: "resize"; readonly pool?: number; readonly to: number }
  | { readonly do: "restart"; readonly pool?: number }
  | { readonly do: "ready"; readonly pool?: number }
  | { readonly do: "close"; readonly pool?: number; readonly timeout?: number }
  | { readonly do: "terminate"; readonly pool?: number };

type PauseStep =
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "turn"; readonly of: "microtask" | "macrotask" }
  /** Waits until this call has settled; without one, until all have. */
  | { readonly do: "await"; readonly call?: number };

export type FaultStep =
  | { readonly do: "kill"; readonly pool?: number; readonly worker: number; readonly signal: DeathSignal }
  | { readonly do: "stop worker"; readonly pool?: number; readonly worker: number; readonly ms: number }
  | { readonly do: "kill guard" }
  | { readonly do: "stop host"; readonly ms: number }
  | { readonly do: "block host"; readonly ms: number }
  | { readonly do: "take descriptors"; readonly ms: number }
  | { readonly do: "fill temporary folder"; readonly ms: number }
  | { readonly do: "remove socket folder" };

type DeathSignal = "SIGKILL" | "SIGSEGV" | "SIGTERM";

const CALLS: readonly string[] = ["run", "stream", "map", "broadcast"] satisfies CallKind[];
export const isCall = (step: Step): step is CallStep => CALLS.includes(step.do);

const FAULTS: readonly string[] = [
  "kill",
  "stop worker",
  "kill guard",
  "stop host",
  "block host",
  "take descriptors",
  "fill temporary folder",
  "remove socket folder",
] satisfies FaultStep["do"][];
export const isFault = (step: Step): step is FaultStep => FAULTS.includes(step.do);

/** Without faults or with them. */
export type Mode = "peace" | "faults";

export const modeOf = (program: Program): Mode => (countFaults(program) > 0 ? "faults" : "peace");

/** Its short programs; most programs with faults have one. */
export const partsOf = ({ steps, more = [] }: Program): readonly (readonly Step[])[] => [steps, ...more];

export const stepsOf = (program: Program): readonly Step[] => partsOf(program).flat();

/** The same program with other steps. Short programs without steps are left out. */
export function withParts(
  { steps: _steps, more: _more, ...rest }: Program,
  parts: readonly (readonly Step[])[],
): Program {
  const [steps = [], ...more] = parts.filter((part) => part.length > 0);
  return { ...rest, steps, ...(more.length > 0 && { more }) };
}

/** Deaths that the program causes itself, and how often the host is in trouble. */
export function countFaults(program: Program): number {
  const steps = stepsOf(program);
  const guilty = steps.filter((step) => isCall(step) && step.work.guilt !== undefined);
  return steps.filter(isFault).length + guilty.length;
}

/** How many deaths before a worker was of use a pool tolerates: its `restart.intensity`. */
const BORNE = 5;

/**
 * Whether something prevents workers from starting, or ends them before they are of use, and whether often enough for
 * a crash loop. A death while a task runs counts only for that task.
 */
export function barrennessOf(program: Program): {
  readonly isBarren: boolean;
  readonly isLooping: boolean;
  readonly mostUnseen: number;
} {
  const steps = stepsOf(program);
  const kills = steps.filter((step) => step.do === "kill").length;
  const isStarved = steps.some(({ do: kind }) => STARVING.includes(kind));
  const concurrency = Math.max(...program.pools.map((pool) => pool.concurrentTasksPerWorker ?? 1));
  return {
    isBarren: isStarved || kills > 0,
    isLooping: isStarved || kills > BORNE,
    mostUnseen: kills * concurrency,
  };
}

const STARVING: readonly string[] = [
  "take descriptors",
  "fill temporary folder",
  "remove socket folder",
] satisfies FaultStep["do"][];

/** Whether every call must end by itself, and workers can start. A simplification may remove what ended it. */
export function isSound(program: Program): boolean {
  const { pools } = program;
  return pools.length > 0 && stepsOf(program).every((step) => !isCall(step) || endsByItself(step, pools));
}

function endsByItself(call: CallStep, pools: readonly PoolSpec[]): boolean {
  const pool = pools[call.pool ?? 0];
  if (pool === undefined) return false;
  const { work, source, abort, take, options } = call;
  const timeout = options?.timeout ?? pool.timeout;
  // Each starting worker would be abandoned, at least on a busy machine.
  if (options?.later === true && timeout !== undefined) return false;
  const isGivenUp = abort !== undefined || timeout !== undefined;
  const { guilt, reads } = work;
  if (guilt === "loop" || guilt === "stuck") {
    const mayBlockOthers = (pool.concurrentTasksPerWorker ?? 1) > 1 && pool.hangTimeout === undefined;
    return isGivenUp && (guilt === "stuck" || !mayBlockOthers) && call.do === "run";
  }
  if (guilt === "leak" && (pool.memoryLimit ?? 0) === 0) return false;
  // A timeout counts while the task works; a task that waits for its consumer or its source may never exceed it.
  if (reads !== undefined && reads.items === undefined && reads.take === undefined) {
    return abort !== undefined || (call.do === "stream" ? take !== undefined : timeout !== undefined);
  }
  if (source === undefined || abort !== undefined) return true;
  // The item that is taken may never come: each item may fail.
  const isTaken = take !== undefined && options?.stopOnError !== false;
  if (source.items === undefined) return isTaken;
  if (source.ends === "stuck") return isTaken && take <= wholeChunks(source, options);
  return true;
}

/** How many items are sent of a source that stops yielding without an end: those of a chunk wait until it is full. */
function wholeChunks({ items = 0 }: Source, { chunk = 1, concurrency = chunk }: CallOptions = {}): number {
  const size = Math.min(chunk, concurrency);
  return items - (items % size);
}
