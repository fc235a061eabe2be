/** Where the host of a worker is, which its environment says. Light: each worker module that asks for `task()` loads it. */
import { type Address, SOCKET_VARIABLE, TOKEN_VARIABLE } from "@reapool/core/own-program";
import { variable } from "./variable.ts";

/** Takes it out of the environment. Undefined in a process that no pool has started. */
export function takeAddress(): Address | undefined {
  if (Object.hasOwn(globalThis, "Deno")) return undefined; // it may forbid to look, and has a serve() of its own
  const path = variable(SOCKET_VARIABLE);
  const token = variable(TOKEN_VARIABLE);
  delete process.env[SOCKET_VARIABLE];
  delete process.env[TOKEN_VARIABLE];
  return path === undefined || token === undefined ? undefined : { path, token };
}

/** The same; ends a process that no pool has started. @param adapter for the message */
export function demandAddress(adapter: string): Address {
  const address = takeAddress();
  if (address !== undefined) return address;
  console.error(
    `Expected to be started by a pool of @reapool/${adapter}: this is the program of its workers`,
  );
  process.exit(64);
}
