/** The program of a bare worker: answers every frame, in one write for all that came at once. */
import { CALL_BYTES, frameReader, frameWriter, RESULT, RESULT_BYTES } from "./frames.js";
import { connect } from "./socket.js";

const path = /** @type {string} */ (process.argv[2]);

await connect(
  path,
  (socket) => {
    const writer = frameWriter(socket.write);
    const read = frameReader((task, payload) => {
      if (payload.length === CALL_BYTES) writer.empty(RESULT, task, RESULT_BYTES);
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
