/** What is asked of the kernel, and what becomes of half of it when the other half fails. */
import { describe, expect, it } from "vitest";
import {
  blankSegment,
  closeSegment,
  createSegment,
  type Handle,
  isHandle,
  openSegment,
  unmapSegment,
} from "../../src/memory/segment.ts";
import type { MemoryCalls } from "../../src/port/memory.ts";
import { fakeMemory } from "../support/fake-memory.ts";

function named(memory = fakeMemory()) {
  const segment = createSegment(memory, 5000);
  const { id, bytes, descriptor } = segment;
  return { memory, segment, handle: { id, bytes, descriptor, pid: memory.pid } satisfies Handle };
}

describe("a segment", () => {
  it("is a sealed file of its length with a name of its own, mapped", () => {
    const { memory, segment } = named();
    const file = memory.descriptors.get(segment.descriptor);
    expect(file).toEqual({ name: `reapool-${segment.id}`, bytes: 5000, seals: 7 });
    expect(memory.mappings.get(segment.address)).toBe(file);
    expect(createSegment(memory, 1).id).not.toBe(segment.id);
  });

  it("is found by its handle, through a descriptor and a mapping of the finder's own", () => {
    const { memory, segment, handle } = named();
    const found = openSegment(memory, handle);
    expect(found).toEqual({ ...segment, descriptor: found.descriptor, address: found.address });
    expect(found.descriptor).not.toBe(segment.descriptor);
    closeSegment(memory, segment);
    unmapSegment(memory, segment);
    expect([memory.descriptors.size, memory.mappings.size]).toEqual([1, 1]);
  });

  it("is found on a system before Linux 6.3, which does not know every flag", () => {
    const memory = fakeMemory();
    const flags: number[] = [];
    const { memfdCreate } = memory;
    memory.memfdCreate = (name, flag) => (flags.push(flag) === 1 ? -1 : memfdCreate(name, flag));
    createSegment(memory, 1);
    expect(flags).toEqual([1 | 8, 1 | 2]);
  });

  it("is not made where files may not be as large: the kernel would end a Deno process for trying", () => {
    const memory = fakeMemory({ maxFileBytes: 99 });
    expect(createSegment(memory, 99).bytes).toBe(99);
    expect(() => createSegment(memory, 100)).toThrow("files may not be as large (ulimit -f)");
    expect(memory.descriptors.size).toBe(1);
  });

  it("leaves empty memory behind where it was blanked", () => {
    const { memory, segment } = named();
    blankSegment(memory, segment);
    expect(memory.mappings.get(segment.address)).toBe("blank");
  });

  it.each([
    ["memfdCreate", "out of file descriptors (ulimit -n)"],
    ["ftruncate", "the kernel does not give as much"],
    ["fcntl", "the kernel does not give as much"],
    ["mmap", "there is no address space for it (ulimit -v, vm.max_map_count)"],
  ] as const)("that can't be made, as %s fails, leaves no descriptor and says why", (call, why) => {
    const memory = fakeMemory();
    memory.failing.add(call);
    expect(() => createSegment(memory, 1)).toThrow(why);
    expect(memory.descriptors.size).toBe(0);
  });

  it.each([
    ["open", "it is gone, or can't be reached"],
    ["readlink", "it is gone"],
    ["lseek", "it is gone"],
    ["fcntl", "it is gone"],
    ["mmap", "there is no address space"],
  ] as const satisfies readonly (readonly [keyof MemoryCalls, string])[])(
    "that can't be found, as %s fails, leaves no descriptor and says why",
    (call, why) => {
      const { memory, handle } = named();
      if (call === "fcntl") memory.fcntl = () => 0;
      else memory.failing.add(call);
      expect(() => openSegment(memory, handle)).toThrow(why);
      expect(memory.descriptors.size).toBe(1);
    },
  );

  it.each<[string, Partial<Handle>]>([
    ["another id", { id: "0".repeat(32) }],
    ["another length", { bytes: 4999 }],
    ["another process", { pid: 1 }],
    ["another descriptor", { descriptor: 77 }],
  ])("is not found by a handle with %s", (_what, wrong) => {
    const { memory, handle } = named();
    expect(() => openSegment(memory, { ...handle, ...wrong })).toThrow("it is gone");
    expect(memory.descriptors.size).toBe(1);
  });
});

describe("what another process names", () => {
  const O_PATH = 0o10000000;
  const opened = (memory: ReturnType<typeof fakeMemory>) => {
    const calls: { path: string; flags: number }[] = [];
    const { open } = memory;
    memory.open = (path, flags) => {
      calls.push({ path: new TextDecoder().decode(path).replace("\0", ""), flags });
      return open(path, flags);
    };
    return calls;
  };

  it("is only looked at before it is known to be shared memory, and opened through what was looked at", () => {
    const { memory, handle } = named();
    const calls = opened(memory);
    openSegment(memory, handle);
    expect(calls.map(({ path, flags }) => [path, (flags & O_PATH) !== 0])).toEqual([
      [`/proc/${memory.pid}/fd/${handle.descriptor}`, true],
      ["/proc/self/fd/4", false],
    ]);
  });

  it.each(["/dev/watchdog", "/srv/database", "pipe:[77]", "/memfd:other (deleted)"])(
    "is never opened when it is %s",
    (target) => {
      const { memory, handle } = named();
      const calls = opened(memory);
      memory.readlink = (_path, into) => new TextEncoder().encodeInto(target, into).written;
      expect(() => openSegment(memory, handle)).toThrow("it is gone");
      expect(calls.filter(({ flags }) => (flags & O_PATH) === 0)).toEqual([]);
      expect(memory.descriptors.size).toBe(1);
    },
  );

  it("is no shared memory without seals, whatever its name: the answer for other files is -1", () => {
    const { memory, handle } = named();
    memory.fcntl = () => -1;
    expect(() => openSegment(memory, handle)).toThrow("it is gone");
    expect([memory.descriptors.size, memory.mappings.size]).toEqual([1, 1]);
  });
});

describe("a handle", () => {
  const good = { id: "0123456789abcdef0123456789abcdef", bytes: 1, pid: 1, descriptor: 0 };

  it("is four plain values", () => {
    expect(isHandle(good)).toBe(true);
  });

  it.each([
    { id: "../../etc/passwd" },
    { id: good.id.toUpperCase() },
    { id: undefined },
    { bytes: 0 },
    { bytes: 1.5 },
    { bytes: 2 ** 32 + 1 },
    { pid: -1 },
    { pid: "1" },
    { descriptor: Number.NaN },
    { descriptor: null },
  ])("is none with %j", (wrong) => {
    expect(isHandle({ ...good, ...wrong })).toBe(false);
  });
});
