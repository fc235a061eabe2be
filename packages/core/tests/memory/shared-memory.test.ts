/** Which ArrayBuffer lies on what, and what is asked of the kernel when one is gone. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Handle } from "../../src/memory/segment.ts";
import { SharedMemory } from "../../src/memory/shared-memory.ts";
import { fakeMemory } from "../support/fake-memory.ts";

/** In place of the runtime's, which can't be told to collect. */
class FakeRegistry<T> {
  static readonly held = new Map<object, () => void>();
  readonly #callback: (held: T) => void;
  constructor(callback: (held: T) => void) {
    this.#callback = callback;
  }
  register(target: object, held: T): void {
    FakeRegistry.held.set(target, () => this.#callback(held));
  }
}

/** What it points to may be forgotten. */
class FakeRef {
  static readonly forgotten = new WeakSet<object>();
  readonly #target: object;
  constructor(target: object) {
    this.#target = target;
  }
  deref(): object | undefined {
    return FakeRef.forgotten.has(this.#target) ? undefined : this.#target;
  }
}

const forget = (buffer: ArrayBuffer) => FakeRef.forgotten.add(buffer);
const collect = (buffer: ArrayBuffer) => FakeRegistry.held.get(buffer)?.();

beforeEach(() => {
  FakeRegistry.held.clear();
  vi.stubGlobal("FinalizationRegistry", FakeRegistry);
  vi.stubGlobal("WeakRef", FakeRef);
  return () => vi.unstubAllGlobals();
});

function make(calls = fakeMemory()) {
  const memory = new SharedMemory();
  memory.openWith(() => calls);
  return { calls, memory };
}

const handleIn = (memory: SharedMemory, buffer: ArrayBuffer) => memory.handleOf(buffer) as Handle;

describe("the shared memory of a process", () => {
  it("asks for the calls when they are needed, and once", () => {
    const open = vi.fn(() => fakeMemory());
    const memory = new SharedMemory();
    memory.openWith(open);
    expect(memory.handleOf(new ArrayBuffer(1))).toBeUndefined();
    expect(open).not.toHaveBeenCalled();
    memory.create(1);
    memory.create(1);
    expect(open.mock.calls).toEqual([["libc.so.6"]]);
  });

  it("says what is missing where there are none, and asks again", () => {
    const memory = new SharedMemory();
    expect(() => memory.create(1)).toThrow("Cannot share memory: no adapter has said how");
    memory.openWith(() => {
      throw new Error("it takes Linux");
    });
    expect(() => memory.create(1)).toThrow(
      expect.objectContaining({ code: "ERR_UNSUPPORTED", message: "Cannot share memory: it takes Linux" }),
    );
    const handle = { id: "0".repeat(32), bytes: 8, pid: 5, descriptor: 3 };
    expect(() => memory.receive(handle)).toThrow(
      expect.objectContaining({
        code: "ERR_SERIALIZATION",
        message: "Cannot receive the 8 bytes that process 5 shares: it takes Linux",
      }),
    );
    memory.openWith(() => fakeMemory());
    expect(memory.create(3).byteLength).toBe(3);
  });

  it("is a RangeError when there is no more of it", () => {
    const { calls, memory } = make();
    calls.failing.add("memfdCreate");
    expect(() => memory.create(9)).toThrow(
      new RangeError("Cannot share 9 bytes of memory: out of file descriptors (ulimit -n)"),
    );
  });

  it("pins each ArrayBuffer, and lets nobody transfer it", () => {
    const { calls, memory } = make();
    const buffer = memory.create(1) as ArrayBuffer &
      Record<"transfer" | "transferToFixedLength", () => unknown>;
    expect(calls.pinned).toEqual([buffer]);
    expect(() => buffer.transfer()).toThrow(TypeError);
    expect(() => buffer.transferToFixedLength()).toThrow(TypeError);
    expect(Object.keys(buffer)).toEqual([]);
  });

  it("gives the same ArrayBuffer for what comes back, as long as it is there", () => {
    const { calls, memory } = make();
    const buffer = memory.create(1);
    const handle = handleIn(memory, buffer);
    expect(memory.receive({ ...handle, pid: 77, descriptor: 99 })).toBe(buffer);
    expect(calls.mappings.size).toBe(1);
    forget(buffer); // and not yet known to be gone
    const again = memory.receive(handle);
    expect(again).not.toBe(buffer);
    collect(buffer);
    expect(calls.mappings.size).toBe(1);
    expect(memory.receive(handleIn(memory, again))).toBe(again);
  });

  it("closes and unmaps what is collected, once", () => {
    const { calls, memory } = make();
    const [first, second] = [memory.create(1), memory.create(1)];
    memory.release(second);
    collect(first);
    collect(second);
    expect([calls.descriptors.size, calls.mappings.size]).toEqual([0, 0]);
  });

  it("leaves the unmapping to a runtime that does it", () => {
    const { calls, memory } = make(fakeMemory({ unmapsItself: true, canPin: false }));
    collect(memory.create(1));
    expect(calls.descriptors.size).toBe(0);
    expect([...calls.mappings.values()]).toEqual([{ name: expect.any(String), bytes: 1, seals: 7 }]);
  });

  it("unmaps what no application has seen, also where others may lie on it", () => {
    const { calls, memory } = make(fakeMemory({ canPin: false }));
    memory.openWith(() => calls);
    const { memory: own, handle } = memory.createHidden(100) as NonNullable<
      ReturnType<typeof memory.createHidden>
    >;
    const theirs = memory.receiveHidden(handle) as ArrayBuffer;
    memory.closeDescriptor(own);
    expect([calls.mappings.size, calls.descriptors.size]).toEqual([2, 0]);
    for (const buffer of [own, theirs]) {
      memory.release(buffer);
      collect(buffer);
    }
    expect(calls.mappings.size).toBe(0);
  });

  it("never unmaps where an ArrayBuffer can't be pinned: its memory may have been moved into another", () => {
    const { calls, memory } = make(fakeMemory({ canPin: false }));
    collect(memory.create(1));
    expect(calls.descriptors.size).toBe(0);
    expect([...calls.mappings.values()]).toEqual(["blank"]);
  });

  it("gives back at once what is released, and does not name it any more", () => {
    const { calls, memory } = make();
    const buffer = memory.create(1);
    const handle = handleIn(memory, buffer);
    expect([memory.release(buffer), memory.release(buffer)]).toEqual([true, true]);
    expect(calls.descriptors.size).toBe(0);
    expect([...calls.mappings.values()]).toEqual(["blank"]);
    expect(memory.handleOf(buffer)).toBe("released");
    expect(() => memory.receive(handle)).toThrow("it is gone");
    expect(memory.release(new ArrayBuffer(1))).toBe(false);
  });
});
