/**
 * Puts the line that awaits a call into the stack of the error the call rejects with. An error is made where its cause is
 * seen: in a callback of a socket or a timer, or in a worker, where no caller is on the stack. Capturing a stack with each
 * call would cost as much as the call does. So every rejection passes through an `async` function of the pool: when
 * that resumes, the engine knows who awaits it.
 */
import { bare } from "./bare.ts";
import { PoolError } from "./errors.ts";
import { withMadeStack } from "./made-stack.ts";

/** Only these and PoolErrors are touched. */
const made = new WeakSet<object>();
/** The application's, such as the reason of an abort: even a PoolError among them is passed on as it is. */
const given = new WeakSet<object>();
/** With their stacks before. One death may reject several calls: each gets an error of its own, with its own caller. */
const placed = new WeakMap<object, string>();

type Holder = { stack?: unknown };
const { captureStackTrace } = Error as unknown as {
  captureStackTrace?: (holder: Holder, below: unknown) => void;
};

/** The pool made it for a call, if only from what a worker sent. Needless for a PoolError. */
export function ours<E>(error: E): E {
  if (typeof error === "object" && error !== null) made.add(error);
  return error;
}

/** The application gave it to the pool, and gets it back untouched. */
export function wasGiven(error: unknown): void {
  if (typeof error === "object" && error !== null) given.add(error);
}

/**
 * Whether the engine finds who awaits a promise that was resolved with another one. V8 does: a call then costs nothing
 * for this, and its rejection is late instead. JavaScriptCore does not: there each call is awaited here.
 */
let followsPromises = false;

async function probe(): Promise<boolean> {
  const awaits = async () => await new Promise((resolve) => resolve(late(new PoolError("a probe"))));
  const error: unknown = await awaits().catch((thrown: unknown) => thrown);
  return placed.has(error as object);
}
probe().then((follows) => {
  followsPromises = follows;
});

/** Rejects a promise that `fulfil` resolves. */
export function rejectNamed({ fulfil }: { fulfil(value: unknown): void }, error: unknown): void {
  fulfil(followsPromises ? late(error) : Promise.reject(error));
}

/** Two turns of the microtasks later, what was resolved with this promise waits for it. */
async function late(error: unknown): Promise<never> {
  await undefined;
  await undefined;
  throw atCaller(error);
}

/** What the caller awaits in place of `settling`. If that rejects, the error's stack names the callers. */
export async function named<T>(settling: Promise<T>): Promise<T> {
  try {
    return await settling;
  } catch (error) {
    throw atCaller(error);
  }
}

/** The same, for a promise that `rejectNamed` rejects. */
export function namedCall<T>(settling: Promise<T>): Promise<T> {
  return followsPromises ? settling : named(settling);
}

/** The same for each item. */
export function namedItems<T>(
  items: AsyncIterableIterator<T, unknown, undefined>,
): AsyncIterableIterator<T, unknown, undefined> {
  return {
    next: () => namedCall(items.next()),
    return: (value) => (items.return as NonNullable<typeof items.return>)(value),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The same error, or its copy if another call has rejected with it. Never throws. */
function atCaller(error: unknown): unknown {
  try {
    if (typeof error !== "object" || error === null || given.has(error)) return error;
    const isOwn = error instanceof PoolError;
    if (!isOwn && !made.has(error)) return error;
    const callers = callersOf();
    if (callers === undefined) return error;
    const origin = placed.get(error) ?? originOf(withMadeStack(error) as Error);
    if (typeof origin !== "string") return error;
    const named = placed.has(error) ? copyOf(error as Error) : (error as Error);
    define(named, "stack", `${isOwn ? `${named.name}: ${named.message}` : origin}\n${callers}`);
    placed.set(named, origin);
    return named;
  } catch {
    return error; // frozen, or `Error.prepareStackTrace` of the application has thrown
  }
}

/** Bun's DOMExceptions have no stack. */
function originOf({ stack, name, message }: Error): unknown {
  return stack ?? `${name}: ${message}`;
}

/** What runs continuations: on the stack below them in some runtimes. */
const INNER = /\bnode:internal\/|\bext:|\bnative\b/;

/**
 * Undefined if nobody awaits it yet: the stack of where it was made says more then. `at async` tells callers only where
 * no source-map support of the application formats the stack.
 */
function callersOf(): string | undefined {
  const holder: Holder = bare({});
  captureStackTrace?.(holder, atCaller);
  if (typeof holder.stack !== "string") return undefined;
  const [, ...below] = holder.stack.split("\n").filter((line) => /^\s+at /.test(line)); // the first is this file's
  const callers = below.filter((line) => !INNER.test(line));
  return callers.length === 0 ? undefined : callers.join("\n");
}

/** An error of the same class with the same properties. */
export function copyOf(error: Error): Error {
  const isDomException = error instanceof DOMException;
  const copy = isDomException ? new DOMException(error.message, error.name) : new Error(error.message);
  withMadeStack(copy);
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error));
  for (const key of Reflect.ownKeys(error)) {
    const property = Object.getOwnPropertyDescriptor(error, key);
    if (key === "stack") define(copy, key, error.stack);
    else if (property !== undefined) Object.defineProperty(copy, key, bare(property));
  }
  if (made.has(error)) made.add(copy);
  return copy;
}

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, bare({ value, writable: true, configurable: true }));
}
