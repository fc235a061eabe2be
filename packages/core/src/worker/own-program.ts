/**
 * `serve`: one program that is both host and worker. In a process that a pool has started it never comes back; in any other it
 * does nothing. Owns that choice; the worker's side is loaded only where it is needed, as every module that asks for `task()`
 * loads this file. Does not own what the process knows of itself (port/role.ts).
 */
import { type Address, changeRole, role } from "../port/role.ts";

export { SOCKET_VARIABLE, TOKEN_VARIABLE } from "../port/launcher.ts";
export type { Address } from "../port/role.ts";

/**
 * The exports of a worker module, as `import * as work from "./work.ts"` gives them, or a function that returns them: it is called in
 * workers alone, once, with the URL that the pool was given.
 */
export type Served = object | ((url: string) => object | PromiseLike<object>);

/**
 * Makes a program the program of its own workers, which a single executable takes: call it first, and await it. In a process that a
 * pool has started as a worker, it serves that pool and never resolves; in any other it resolves at once.
 *
 * @throws TypeError for what holds no exports.
 */
export type Serve = (work: Served) => Promise<void>;

export interface OwnProgram {
  /** Takes it out of the environment. Undefined where no pool has started this process. */
  takeAddress(): Address | undefined;
  /** Connects and serves, as the program of the workers does. */
  start(address: Address, importModule: (url: string) => Promise<object>): Promise<void>;
}

/** Takes the address at once: what is imported next is code of the application. */
export function makeServe({ takeAddress, start }: OwnProgram): Serve {
  const address = takeAddress();
  if (address !== undefined) changeRole({ address });
  return async (work) => {
    assertModule(work);
    const { address, isWorker } = role();
    changeRole({ address: undefined, isServing: true, isWorker: isWorker || address !== undefined });
    if (address !== undefined)
      await start(address, async (url) => assertModule(typeof work === "function" ? await work(url) : work));
    if (role().isWorker) await new Promise(() => {});
  };
}

function assertModule(work: unknown): object {
  if ((typeof work === "object" && work !== null) || typeof work === "function") return work;
  throw new TypeError(
    `Expected serve() to be given the exports of the worker module, received ${work === null ? "null" : typeof work}; ` +
      'write import * as work from "./work.ts"; await serve(work)',
  );
}
