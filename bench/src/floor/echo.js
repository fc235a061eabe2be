/** The program of a bare worker: answers every frame, in one write for all that came at once; what took time, at once. */
import { spin } from "../work/tasks.js";
import { CALL_BYTES, frameReader, frameWriter, RESULT, RESULT_BYTES, SPIN } from "./frames.js";
import { connect } from "./socket.js";

const path = /** @type {string} */ (process.argv[2]);

await connect(
  path,
  (socket) => {
    const writer = frameWriter(socket.write);
    const read = frameReader((task, payload, type) => {
      if (type === SPIN) {
        spin(payload[0]);
        writer.empty(RESULT, task, RESULT_BYTES);
        writer.flush();
      } else if (payload.length === CALL_BYTES) writer.empty(RESULT, task, RESULT_BYTES);
      // The bytes behind this frame are written over by the next that is read, so it is copied when it lay in place.
      else
        writer.value(
          RESULT,
          task,
          payload.byteLength === payload.buffer.byteLength ? payload : payload.slice(),
        );
    });
    return (bytes) => {
      read(bytes);
      writer.flush();
    };
  },
  () => process.exit(0),
);
