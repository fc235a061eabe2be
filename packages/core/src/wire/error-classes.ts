/**
 * The built-in error classes that are sent by name: which class an error has, and an empty error of a class. Owns the
 * substitute where this runtime lacks a class. graph-encode.ts and graph-decode.ts read and fill an error's
 * properties.
 */
import { bare, propertyOf } from "../bare.ts";
import { withMadeStack } from "../made-stack.ts";

/** The most specific first. A name with a dot is a member of a global object. */
const NAMES = [
  "AggregateError",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SuppressedError",
  "SyntaxError",
  "TypeError",
  "URIError",
  "WebAssembly.CompileError",
  "WebAssembly.LinkError",
  "WebAssembly.RuntimeError",
  "Error",
] as const;

export type ErrorClassName = (typeof NAMES)[number];

/** Errors whose class this runtime lacks: if sent on, they are of that class again. */
const standIns = new WeakMap<Error, ErrorClassName>();
const quotaStandIns = new WeakSet<DOMException>();

export function errorClassOf(error: Error): ErrorClassName {
  const standsFor = standIns.get(error);
  if (standsFor !== undefined) return standsFor;
  if (Object.getPrototypeOf(error) === Error.prototype) return "Error"; // as most are
  return (
    NAMES.find((name) => {
      const known = find(name);
      return known !== undefined && error instanceof known;
    }) ?? "Error"
  );
}

export function isErrorClass(name: unknown): name is ErrorClassName {
  return (NAMES as readonly unknown[]).includes(name);
}

/** What `name` is on the prototype of the class. */
export function nameOnPrototype(className: ErrorClassName): string {
  return className.slice(className.indexOf(".") + 1);
}

/** An error without own properties. Where this runtime lacks the class: an Error of that name. */
export function emptyError(className: ErrorClassName): Error {
  const known = find(className);
  const error = withMadeStack(Reflect.construct(Error, [], known ?? Error) as Error);
  for (const key of Reflect.ownKeys(error)) Reflect.deleteProperty(error, key);
  if (known === undefined) {
    standIns.set(error, className);
    const value = nameOnPrototype(className);
    Object.defineProperty(error, "name", bare({ value, writable: true, configurable: true }));
  }
  return error;
}

/** A DOMException with the quota and the amount requested. Not every runtime has it. */
export interface QuotaError extends DOMException {
  readonly quota: number | null;
  readonly requested: number | null;
}

interface QuotaErrorClass {
  new (message: string, options: { quota?: number; requested?: number }): QuotaError;
}

export function isQuotaError(exception: DOMException): exception is QuotaError {
  const known = quotaErrorClass();
  return quotaStandIns.has(exception) || (known !== undefined && exception instanceof known);
}

/** Properties that exist only because the error stands for a class that this runtime lacks. */
export function keysOfStandIn(error: Error): readonly string[] {
  if (quotaStandIns.has(error as DOMException)) return ["quota", "requested"];
  const standsFor = standIns.get(error);
  return standsFor !== undefined && error.name === nameOnPrototype(standsFor) ? ["name"] : [];
}

/** Where this runtime lacks the class: a DOMException of that name, with the two numbers as properties. */
export function makeQuotaError(
  message: string,
  quota: number | null,
  requested: number | null,
): DOMException {
  const known = quotaErrorClass();
  if (known === undefined) {
    const standIn = Object.assign(new DOMException(message, "QuotaExceededError"), { quota, requested });
    quotaStandIns.add(standIn);
    return standIn;
  }
  const amounts = bare({
    ...(quota === null ? {} : { quota }),
    ...(requested === null ? {} : { requested }),
  });
  return new known(message, amounts);
}

function quotaErrorClass(): QuotaErrorClass | undefined {
  return propertyOf(globalThis, "QuotaExceededError") as QuotaErrorClass | undefined;
}

/** Looked up each time: a polyfill may have been loaded since. */
function find(name: ErrorClassName): ErrorConstructor | undefined {
  let found: object | undefined = globalThis;
  for (const key of name.split(".")) found &&= propertyOf(found, key) as object | undefined;
  return typeof found === "function" ? (found as ErrorConstructor) : undefined;
}
