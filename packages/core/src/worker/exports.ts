/**
 * What a worker module offers: its exported functions are tasks, `setup` and `teardown` are hooks. Owns where they are
 * looked for; does not load the module.
 *
 * The namespace counts first, then its default export, then the default of that: what `import()` makes of a CommonJS
 * module differs. Node and Deno guess its names from the text and see none in `module.exports = make()`; Bun sees them all.
 * Node and Deno give `exports` as the default, Bun `exports.default` where `__esModule` is set, and a compiler that ran twice
 * nests once more. Read layer by layer, all come to the same names.
 */

import { bare } from "../bare.ts";

type AnyFunction = (...args: unknown[]) => unknown;

export interface WorkerModule {
  /** In the order in which the host numbers them. */
  readonly names: readonly string[];
  readonly tasks: readonly AnyFunction[];
  readonly setup: AnyFunction | undefined;
  readonly teardown: AnyFunction | undefined;
}

/** @throws TypeError when a hook is not a function. */
export function readExports(module: object): WorkerModule {
  const found = new Map(Object.entries(module));
  for (const layer of defaultsOf(module)) {
    for (const [name, value] of membersOf(layer)) {
      const known = found.get(name);
      // What is in both is a method of the default export, whatever the runtime made of its name.
      if (known === value || !isCandidate(name, known)) found.set(name, bound(name, value, layer));
    }
  }
  const tasks = [...found].filter(
    (entry): entry is [string, AnyFunction] => typeof entry[1] === "function" && !NO_TASKS.has(entry[0]),
  );
  return {
    names: tasks.map(([name]) => name),
    tasks: tasks.map(([, task]) => task),
    setup: readHook(found, "setup"),
    teardown: readHook(found, "teardown"),
  };
}

const HOOKS = new Set(["setup", "teardown"]);

/** Node from 23 on, and Deno, name all of a CommonJS module so, beside `default`. */
const NO_TASKS = new Set([...HOOKS, "module.exports"]);

/** A hook of the wrong type is told, not replaced. */
function isCandidate(name: string, value: unknown): boolean {
  return typeof value === "function" || (HOOKS.has(name) && value !== undefined);
}

function readHook(found: ReadonlyMap<string, unknown>, name: string): AnyFunction | undefined {
  const hook = found.get(name);
  if (hook === undefined || typeof hook === "function") return hook as AnyFunction | undefined;
  throw new TypeError(`Expected the export \`${name}\` to be a function, received ${typeof hook}`);
}

/** More than any compiler nests; `exports.default = exports` has no end. */
const MAX_LAYERS = 4;

function defaultsOf(module: object): Set<object> {
  const layers = new Set<object>();
  let layer: unknown = module;
  while (isObject(layer) && layers.size <= MAX_LAYERS) {
    layer = read(layer, "default");
    if (!isObject(layer) || layers.has(layer)) break;
    layers.add(layer);
  }
  return layers;
}

/** Its own, then those of its class and of the classes above, up to the runtime's. */
function membersOf(layer: object): Map<string, unknown> {
  const members = new Map<string, unknown>();
  for (let holder: object | null = layer; holder !== null; holder = Object.getPrototypeOf(holder)) {
    if (holder !== layer && isOfRuntime(holder)) break;
    for (const name of Object.getOwnPropertyNames(holder)) {
      if (name === "constructor" || members.has(name)) continue;
      const value = read(holder, name);
      if (isCandidate(name, value)) members.set(name, value);
    }
  }
  return members;
}

/** What compilers make of exports are getters that can be enumerated. One that throws is no task, and another may do work. */
function read(holder: object, name: string): unknown {
  const property = Object.getOwnPropertyDescriptor(holder, name);
  if (property === undefined || Object.hasOwn(property, "value")) return property?.value;
  if (!property.enumerable) return undefined;
  try {
    return property.get?.call(holder);
  } catch {
    return undefined;
  }
}

/** Such as Object.prototype, also of another realm, or Map.prototype. */
function isOfRuntime(prototype: object): boolean {
  const maker = read(prototype, "constructor");
  return typeof maker === "function" && NATIVE.test(Function.prototype.toString.call(maker));
}

const NATIVE = /\{\s*\[native code\]\s*\}\s*$/;

function bound(name: string, value: unknown, holder: object): unknown {
  return typeof value === "function"
    ? Object.defineProperty(value.bind(holder), "name", bare({ value: name }))
    : value;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
