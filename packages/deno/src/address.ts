/** Where the host of a worker is, which its environment says. Light: each worker module that asks for `task()` loads it. */
import { type Address, SOCKET_VARIABLE, TOKEN_VARIABLE } from "@reapool/core/own-program";
import { isGranted } from "./is-granted.ts";

/** Takes it out of the environment. Undefined in a process that no pool has started, and where the environment can't be read. */
export function takeAddress(): Address | undefined {
  // Loaded in another runtime, by a worker module that is written for this one, say.
  if (!Object.hasOwn(globalThis, "Deno") || !mayReadAddress()) return undefined;
  const path = Deno.env.get(SOCKET_VARIABLE);
  const token = Deno.env.get(TOKEN_VARIABLE);
  Deno.env.delete(SOCKET_VARIABLE);
  Deno.env.delete(TOKEN_VARIABLE);
  return path === undefined || token === undefined ? undefined : { path, token };
}

/** Without asking the terminal. */
export function mayReadAddress(): boolean {
  return [SOCKET_VARIABLE, TOKEN_VARIABLE].every((variable) => isGranted({ name: "env", variable }));
}
