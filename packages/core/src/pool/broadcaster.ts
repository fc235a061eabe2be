/**
 * Sends broadcasts: to the workers there are, and to later ones before their first task. Which calls later workers still
 * have to make, and how the results of one broadcast are put together, is in broadcast.ts.
 */

import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { BroadcastOptions } from "../options/call-options.ts";
import type { Slot } from "../slot/slot.ts";
import type { Supervisor } from "../supervision/supervisor.ts";
import { Broadcasts } from "../task/broadcast.ts";
import { unknownTask } from "../task/call-errors.ts";
import { orAbandon } from "../task/inputs.ts";
import type { Events } from "./events.ts";
import { encodeArgs, type Intake } from "./intake.ts";

export class Broadcaster {
  readonly #intake: Intake;
  readonly #dispatcher: Dispatcher;
  readonly #supervisor: Supervisor;
  readonly #events: Events;
  readonly #broadcasts = new Broadcasts();

  constructor(intake: Intake, dispatcher: Dispatcher, supervisor: Supervisor, events: Events) {
    this.#intake = intake;
    this.#dispatcher = dispatcher;
    this.#supervisor = supervisor;
    this.#events = events;
  }

  /** @throws when something is wrong with the call. */
  make(name: string, args: readonly unknown[], options: BroadcastOptions | undefined): Promise<unknown[]> {
    const { later, ...call } = orAbandon(args, () => this.#read(name, args, options));
    if (later === true) this.#broadcasts.remember(call);
    else if (later === false) this.#broadcasts.forget(name);
    // With `later`, a worker that is still starting makes the call as a later one.
    const isReached = (slot: Slot) => slot.isStaying && !(later === true && slot.isStarting);
    const slots = this.#supervisor.slots.filter(isReached);
    return this.#broadcasts.send(slots, (slot, outcome) => {
      this.#dispatcher.addFor(slot, this.#intake.makePart(call, outcome));
    });
  }

  #read(name: string, args: readonly unknown[], input: BroadcastOptions | undefined) {
    const { run: options, later } = this.#intake.resolveBroadcast(input);
    this.#intake.check(name, args, options.signal);
    const { exports } = this.#supervisor;
    if (exports?.includes(name) === false) throw unknownTask(name, exports);
    return { name, args: encodeArgs(name, args), options, later };
  }

  /** Makes a worker run what was broadcast to later workers. */
  warm(slot: Slot): void {
    const onUnknown = (error: Error) => this.#events.report(error, "a broadcast to later workers");
    const calls = this.#broadcasts.takeLater(slot.exports, onUnknown);
    if (calls.length === 0) slot.warmed();
    let left = calls.length;
    for (const call of calls) {
      const outcome = {
        fulfil: () => {
          if (--left === 0) slot.warmed();
        },
        fail: (error: unknown) => slot.notWarmed(call.name, error),
        lost: undefined,
        item: undefined,
      };
      slot.run(this.#intake.makePart(call, outcome));
    }
  }
}
