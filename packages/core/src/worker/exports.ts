/** What a worker module offers: its exported functions are tasks, `setup` and `teardown` are hooks. */

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
  const functions = Object.entries(module).filter(
    (entry): entry is [string, AnyFunction] => typeof entry[1] === "function" && !HOOKS.includes(entry[0]),
  );
  return {
    names: functions.map(([name]) => name),
    tasks: functions.map(([, task]) => task),
    setup: readHook(module, "setup"),
    teardown: readHook(module, "teardown"),
  };
}

const HOOKS = ["setup", "teardown"];

function readHook(module: object, name: string): AnyFunction | undefined {
  const hook = (module as Record<string, unknown>)[name];
  if (hook === undefined || typeof hook === "function") return hook as AnyFunction | undefined;
  throw new TypeError(`Expected the export \`${name}\` to be a function, received ${typeof hook}`);
}
