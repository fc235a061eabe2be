/**
 * Shared buffers on their way: whoever sends one holds it until the other side has mapped it, which it says with a
 * Taken, one for each frame that names any, in the order in which they came. A frame that is of no use any more is
 * answered as well. A Call is not: its arguments are held until it is answered itself, since it may wait.
 */
import { FrameType, RUN_TIME_BYTES } from "./frame.ts";
import { isSharing } from "./value.ts";

/** By type, of the frames that are answered: where in their payload the value begins. */
const VALUE_STARTS: number[] = [];
VALUE_STARTS[FrameType.Init] = 0;
VALUE_STARTS[FrameType.Cancel] = 0;
VALUE_STARTS[FrameType.Input] = 1;
VALUE_STARTS[FrameType.InputFailure] = 1;
VALUE_STARTS[FrameType.StartFailed] = 0;
VALUE_STARTS[FrameType.Result] = RUN_TIME_BYTES;
VALUE_STARTS[FrameType.Failure] = RUN_TIME_BYTES;
VALUE_STARTS[FrameType.Item] = 0;
VALUE_STARTS[FrameType.Progress] = 0;

/** Whether a frame that came is to be answered with a Taken. */
export function isAnsweredWithTaken(type: number, payload: Uint8Array): boolean {
  const start = VALUE_STARTS[type];
  return start !== undefined && isSharing(payload, start);
}

export class InFlight {
  readonly #frames: (readonly ArrayBuffer[])[] = [];

  add(type: number, shared: readonly ArrayBuffer[]): void {
    if (VALUE_STARTS[type] !== undefined) this.#frames.push(shared);
  }

  /** False when nothing is on its way. */
  taken(): boolean {
    return this.#frames.shift() !== undefined;
  }
}
