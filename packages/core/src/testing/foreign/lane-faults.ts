/** What a worker can get wrong about the memory through which large buffers go. */

import { ASKED } from "./answer-faults.ts";
import { frame, join, type Part, result, Type, u32 } from "./bytes.ts";
import type { Effect, Fault } from "./fault.ts";

const MEMORY_BYTES = 4096 + 4 * 2 ** 20;
/** Nobody has it. */
const handle = { id: "0".repeat(32), bytes: MEMORY_BYTES, pid: 4_000_000, descriptor: 3 };
const lane = (told: unknown): Uint8Array =>
  frame(Type.Lane, 0, typeof told === "string" ? told : JSON.stringify(told));

export const laneFaults: readonly Fault[] = (
  [
    ["Lane: nothing in it", "worker", [lane("")]],
    ["Lane: no JSON", "worker", [lane("{")]],
    ["Lane: null", "worker", [lane(null)]],
    ["Lane: no handle", "worker", [lane({ bytes: MEMORY_BYTES })]],
    ["Lane: a path for an id", "worker", [lane({ ...handle, id: "../../../../../../etc/passwd/////" })]],
    ["Lane: of another size", "worker", [lane({ ...handle, bytes: MEMORY_BYTES * 2 })]],
    ["Lane: a long text", "worker", [lane(" ".repeat(257))]],
    ["Lane: one that nobody has", "nothing", [lane(handle)]],
    ["Lane: a second one", "worker", [lane(handle), lane(handle)]],
    ["LaneTaken: one of nothing", "worker", [frame(Type.LaneTaken, 0, "1")]],
    ["LaneTaken: an empty one of nothing", "worker", [frame(Type.LaneTaken, 0)]],
    ["LaneTaken: a long one", "worker", [frame(Type.LaneTaken, 0, "11")]],
    ["Laid: one without a lane", "worker", [frame(Type.Laid, 0, u32(0), u32(1))]],
    ["Laid: one in a lane that nobody has", "worker", [lane(handle), frame(Type.Laid, 0, u32(0), u32(1))]],
    ["Laid: a long one", "worker", [frame(Type.Laid, 0, u32(0), u32(1), u32(1))]],
  ] as const satisfies readonly (readonly [string, Effect, readonly Part[]])[]
).map(([name, effect, frames]) => ({
  name,
  effect,
  answer: (task) => join([...frames, result(task, ASKED)]),
}));
