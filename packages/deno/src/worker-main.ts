/** The program of a Deno worker: takes its address out of the environment, connects, serves. */
import "./supported.ts";
import { takeAddress } from "./address.ts";
import { start } from "./worker-host.ts";

const address = takeAddress();
if (address === undefined) {
  console.error("Expected to be started by a pool of @reapool/deno: this is the program of its workers");
  Deno.exit(64);
}

void start(
  address,
  (url) =>
    import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ url) as Promise<object>,
);
