/** How `pool.map()` makes its calls: each item, or chunk of items, becomes a task. What is under way when is up to task/map.ts. */
import { type MapOptions, type ResolvedRunOptions, resolveMapOptions } from "../options/call-options.ts";
import type { Runtime } from "../port/runtime.ts";
import { Answer, type MapCall, Mapping } from "../task/map.ts";
import type { Outcome } from "../task/request.ts";
import type { Task } from "../task/task.ts";
import { CallFlag } from "../wire/frame.ts";
import type { Intake } from "./intake.ts";

export interface MapSurroundings {
  readonly intake: Intake;
  readonly runtime: Runtime;
  /** Tasks that the pool's workers run at once. */
  readonly capacity: number;
  submit(args: readonly unknown[], options: ResolvedRunOptions, outcome: Outcome, flag?: number): Task;
}

/** @throws TypeError or RangeError when the source or an option is invalid. */
export function openMap(
  name: string,
  source: unknown,
  options: MapOptions | undefined,
  pool: MapSurroundings,
): Mapping {
  const resolved = resolveMapOptions(options, pool.capacity);
  // Resolved once for all items; the map itself listens to the signal, and aborts what is under way.
  const run = { ...pool.intake.resolve(resolved.run), signal: undefined };
  const call = (args: readonly unknown[], flag?: number): MapCall => {
    let task: Task | undefined;
    const result = new Promise<Answer>((fulfil, fail) => {
      const outcome: Outcome = {
        fulfil: (value) => fulfil(new Answer(value)),
        fail,
        lost: undefined,
        item: undefined,
      };
      task = pool.submit(args, run, outcome, flag);
    });
    return { result, abort: (reason) => task?.abort(reason) };
  };
  return new Mapping(source, resolved, {
    name,
    run: (args) => call(args),
    runChunk: (items) => call(items, CallFlag.Chunk),
    check: (item) => pool.intake.checkArgs(name, item),
    afterTurn: (callback) => pool.runtime.startTimer(0, callback).ref(), // the application is waiting for the map
  });
}
