/** How a worker of the contract comes to its end: the cases that look for what is left go through several. */
import type { PoolOptions } from "../options/pool-options.ts";
import type { FixturePool, Subject } from "./contract-case.ts";

export interface End {
  readonly name: string;
  readonly options?: PoolOptions;
  /** What the call rejects with is another case. */
  readonly bring: (pool: FixturePool, subject: Subject) => unknown;
}
