/** The host's end of a channel, with calls of every kind under way: every event must respect what its call allows. */
import { PoolError, ProtocolError } from "../../../packages/core/src/errors.ts";
import { CallFlag, WINDOW } from "../../../packages/core/src/wire/frame.ts";
import { encode } from "../../../packages/core/src/wire/value.ts";
import { frameBytes } from "../../../packages/core/tests/support/frames.ts";
import { type Heard, Listening } from "../../../packages/core/tests/support/heard.ts";
import { chunksOf } from "./chunks.ts";
import { demand, type Target } from "./target.ts";
import { demandOrdinary } from "./value-target.ts";

/** The numbers of the calls. */
export const CALLS = { plain: 1, chunk: 2, stream: 3, heard: 4, input: 5 } as const;
const PULLED = 16;
/** That the worker may answer. */
const PINGS = 2;

const READY = frameBytes({ type: 17, task: 0, payload: new TextEncoder().encode('{"exports":["a"]}') });
const PONG = frameBytes({ type: 26, task: 0, payload: new Uint8Array(0) });
const RESULT = frameBytes({ type: 19, task: 1, payload: Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 1, 0x31) });

export function connectionTarget(): Target {
  return {
    name: "connection",
    run: (input) => {
      const listening = new Listening((input.length & 3) === 0 ? "json" : "graph");
      const { connection, heard } = listening;
      const args = encode([], "args");
      listening.bytes(READY);
      connection.outbox.call(CALLS.plain, [0, 0, 0, 0], args);
      connection.outbox.call(CALLS.chunk, [0, 0, CallFlag.Chunk, 0], args);
      connection.outbox.call(CALLS.stream, [0, 0, CallFlag.Stream, 0], args);
      connection.outbox.call(CALLS.heard, [0, 0, CallFlag.Progress, 0], args);
      connection.outbox.call(CALLS.input, [0, 0, 0, 1, 0], args);
      connection.outbox.link(CALLS.stream).pull(PULLED);
      for (let pings = 0; pings < PINGS; pings++) connection.ping();
      for (const chunk of chunksOf(input)) listening.bytes(chunk);
      const broken = heard.findIndex(([event]) => event === "Broken");
      if (broken >= 0) {
        for (const bytes of [PONG, RESULT, READY]) listening.bytes(bytes);
        demand(broken === heard.length - 1, "something was heard after it broke");
        demand(heard[broken]?.[1] instanceof ProtocolError, "it broke for no error of the protocol");
      }
      for (const event of heard) demandAllowed(event);
      demand(heard.filter(([event]) => event === "Item").length <= PULLED, "more items than were pulled");
      return heard;
    },
  };
}

function demandAllowed([event, ...details]: Heard): void {
  const [task, second, third, runTime] = details;
  const isOf = (...calls: readonly number[]) => calls.includes(task as number);
  switch (event) {
    case "Outcome":
      demand(Number.isFinite(runTime) && (runTime as number) >= 0, `a run time of ${String(runTime)}`);
      demandOrdinary(third);
      return;
    case "Item":
      demand(isOf(CALLS.stream), "an item of a call that is no stream");
      demandOrdinary(second);
      return;
    case "Progress":
      demand(isOf(CALLS.heard), "progress that nobody listens to");
      demandOrdinary(second);
      return;
    case "PullInput":
      demand(isOf(CALLS.input) && second === 0, "a request for what is no iterable");
      demand((third as number) >= 1 && (third as number) <= WINDOW, "a request for nothing, or for too much");
      return;
    case "InputStop":
      demand(isOf(CALLS.input) && second === 0, "a stop of what is no iterable");
      return;
    case "Unreceivable":
      demand(second instanceof PoolError, "what can't be read is no error of the pool");
      return;
    case "Ready":
      demand(
        Array.isArray(task) && task.every((name) => typeof name === "string"),
        "names that are no texts",
      );
      return;
    case "Hearing":
      demand(typeof task === "boolean", "a Hearing that is neither");
      return;
    case "Broken":
    case "Dying":
    case "StartFailed":
      return;
    default:
      demand(false, `an event that does not exist: ${event}`);
  }
}
