/**
 * Holds back what a worker has sent until the output it had written before was read: a task's output is an event before its
 * call settles. The bytes are in the worker's pipes by then, but the host may come to the channel first. For workers whose
 * output becomes events, and for others while a call hears what they write. Reads nothing itself.
 */
export interface OutputClock {
  /** Calls back when everything that had arrived has been read. */
  afterTurn(callback: () => void): void;
  /** How often output of the worker has been read. */
  reads(): number;
  /** What it writes becomes events: all that it sends waits. */
  readonly isCaptured: boolean;
}

/**
 * A turn that brought output is followed by one more, as a read may leave some. So many bring more than a pipe holds; what
 * comes then was written later, and a worker that never stops writing delays no answer for longer.
 */
const MAX_TURNS = 16;

export class OutputFirst {
  readonly #output: OutputClock;
  readonly #pass: (bytes: Uint8Array) => void;
  readonly #onClosed: () => void;
  /** What came since the wait began, and waits for the next. */
  #arrived: Uint8Array[] = [];
  /** What waits now. */
  #held: Uint8Array[] = [];
  #isClosed = false;
  #isWaiting = false;
  #isPassing = false;
  /** A call hears what the worker writes. */
  #isHeard = false;

  constructor(
    output: OutputClock,
    to: { readonly pass: (bytes: Uint8Array) => void; readonly onClosed: () => void },
  ) {
    this.#output = output;
    this.#pass = to.pass;
    this.#onClosed = to.onClosed;
  }

  /** What comes has to wait: also behind what waits already. */
  get isOn(): boolean {
    return this.#isHeard || this.#isWaiting || this.#isPassing || this.#output.isCaptured;
  }

  /** A call is about to hear its output. Calls back when what the worker wrote before was read. */
  begin(onRead: () => void): void {
    this.#isHeard = true;
    this.#turn(1, this.#output.reads(), onRead);
  }

  end(): void {
    this.#isHeard = false;
  }

  hold(bytes: Uint8Array): void {
    this.#arrived.push(new Uint8Array(bytes)); // a copy: the adapter may reuse the buffer
    this.#wait();
  }

  /** The channel has ended, behind what is held. */
  holdClosed(): void {
    this.#isClosed = true;
    this.#wait();
  }

  /** Passes on all that has come. */
  release(): void {
    this.#passHeld();
    this.#held = this.#arrived.splice(0);
    this.#passHeld();
    if (!this.#isClosed) return;
    this.#isClosed = false;
    this.#onClosed();
  }

  #passHeld(): void {
    this.#isPassing = true;
    for (const bytes of this.#held.splice(0)) this.#pass(bytes);
    this.#isPassing = false;
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#held = this.#arrived.splice(0);
    this.#turn(1, this.#output.reads(), () => {
      this.#isWaiting = false;
      this.#passHeld();
      if (this.#arrived.length > 0) this.#wait();
      else this.release();
    });
  }

  #turn(turns: number, readsBefore: number, onRead: () => void): void {
    this.#output.afterTurn(() => {
      const reads = this.#output.reads();
      if (reads !== readsBefore && turns < MAX_TURNS) this.#turn(turns + 1, reads, onRead);
      else onRead();
    });
  }
}
