/**
 * The frames of the wire (docs/protocol.md), written by hand and no more than the floor needs: a header of nine bytes, in
 * front of as many bytes as the pool's own frames have.
 */

const HEADER_BYTES = 9;
const HEADER_BYTES_IN_LENGTH = 5;
export const CALL = 2;
/** Not of the wire: the worker is to be busy for as many ms as the first byte says. */
export const SPIN = 127;
export const RESULT = 19;

/** What a Call carries before its value, and the value `[]`; a Result before its value, and `undefined`. */
export const CALL_BYTES = 11;
export const RESULT_BYTES = 9;

/**
 * @param {Uint8Array} buffer @param {number} at @param {number} type @param {number} task
 * @param {number} payload How many bytes follow
 */
function writeHeader(buffer, at, type, task, payload) {
  const length = payload + HEADER_BYTES_IN_LENGTH;
  buffer[at] = length >>> 24;
  buffer[at + 1] = length >>> 16;
  buffer[at + 2] = length >>> 8;
  buffer[at + 3] = length;
  buffer[at + 4] = type;
  buffer[at + 5] = task >>> 24;
  buffer[at + 6] = task >>> 16;
  buffer[at + 7] = task >>> 8;
  buffer[at + 8] = task;
}

/** @param {Uint8Array} buffer @param {number} at */
const readUint32 = (buffer, at) =>
  ((byte(buffer, at) << 24) |
    (byte(buffer, at + 1) << 16) |
    (byte(buffer, at + 2) << 8) |
    byte(buffer, at + 3)) >>>
  0;

/** @param {Uint8Array} buffer @param {number} at */
const byte = (buffer, at) => /** @type {number} */ (buffer[at]);

/**
 * Cuts a stream of bytes into frames. A frame that lies whole in what came is shown in place; one that does not is
 * collected in a buffer of its own, as a function needs all of its argument before it can return it.
 *
 * @param {(task: number, payload: Uint8Array, type: number) => void} onFrame
 * @returns {(bytes: Uint8Array) => void}
 */
export function frameReader(onFrame) {
  const header = new Uint8Array(HEADER_BYTES);
  let headerFilled = 0;
  /** @type {Uint8Array | undefined} */
  let payload;
  let filled = 0;

  return (bytes) => {
    let at = 0;
    while (at < bytes.length) {
      if (payload !== undefined) {
        const part = Math.min(payload.length - filled, bytes.length - at);
        payload.set(bytes.subarray(at, at + part), filled);
        filled += part;
        at += part;
        if (filled < payload.length) return;
        const whole = payload;
        payload = undefined;
        onFrame(readUint32(header, 5), whole, byte(header, 4));
        continue;
      }
      if (headerFilled === 0 && bytes.length - at >= HEADER_BYTES) {
        const end = at + HEADER_BYTES + readUint32(bytes, at) - HEADER_BYTES_IN_LENGTH;
        if (end <= bytes.length) {
          onFrame(readUint32(bytes, at + 5), bytes.subarray(at + HEADER_BYTES, end), byte(bytes, at + 4));
          at = end;
          continue;
        }
      }
      while (headerFilled < HEADER_BYTES && at < bytes.length) {
        header[headerFilled++] = byte(bytes, at++);
      }
      if (headerFilled < HEADER_BYTES) return;
      headerFilled = 0;
      const length = readUint32(header, 0) - HEADER_BYTES_IN_LENGTH;
      if (length === 0) onFrame(readUint32(header, 5), header.subarray(0, 0), byte(header, 4));
      else {
        payload = new Uint8Array(length);
        filled = 0;
      }
    }
  };
}

const BUFFER_BYTES = 64 * 1024;
/** Up to here a copy costs less than a write of its own. */
const COPIED_BYTES = 16 * 1024;

/**
 * Frames side by side in one buffer; `flush` sends them in one write. Many bytes go as they are.
 *
 * @param {(bytes: Uint8Array) => void} write
 */
export function frameWriter(write) {
  let buffer = new Uint8Array(BUFFER_BYTES);
  let flushed = 0;
  let end = 0;

  const flush = () => {
    if (end === flushed) return;
    write(buffer.subarray(flushed, end));
    flushed = end;
  };
  /** @param {number} type @param {number} task @param {number} payload */
  const empty = (type, task, payload) => {
    if (end + HEADER_BYTES + payload > BUFFER_BYTES) {
      flush();
      buffer = new Uint8Array(BUFFER_BYTES);
      flushed = end = 0;
    }
    writeHeader(buffer, end, type, task, payload);
    end += HEADER_BYTES + payload;
  };
  return {
    flush,
    empty,
    /** @param {number} type @param {number} task @param {Uint8Array} bytes */
    value(type, task, bytes) {
      if (bytes.length <= COPIED_BYTES) {
        empty(type, task, bytes.length);
        buffer.set(bytes, end - bytes.length);
        return;
      }
      flush();
      const header = new Uint8Array(HEADER_BYTES);
      writeHeader(header, 0, type, task, bytes.length);
      write(header);
      write(bytes);
    },
  };
}
