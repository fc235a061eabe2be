import { describe, expect, test } from "vitest";
import { SerializationError } from "../../src/errors.ts";
import { encode } from "../../src/wire/value.ts";
import { difference } from "../support/sameness.ts";
import { transfer } from "../support/transfer.ts";

/** The error that encoding a value must end in. */
function refusal(value: unknown, root = "args"): SerializationError {
  try {
    encode(value, root);
  } catch (error) {
    expect(error).toBeInstanceOf(SerializationError);
    return error as SerializationError;
  }
  throw new Error("It was encoded");
}

/** Its buffer now belongs to the clone. */
function detached<T extends ArrayBufferView | ArrayBuffer>(value: T): T {
  const buffer = (ArrayBuffer.isView(value) ? value.buffer : value) as ArrayBuffer;
  structuredClone(buffer, { transfer: [buffer] });
  return value;
}

describe("what can't cross", () => {
  const refused: [what: string, make: () => unknown, received: string][] = [
    ["an arrow function", () => () => {}, "a function"],
    ["a named function", () => function work() {}, "a function, work"],
    ["a class", () => class Point {}, "a function, Point"],
    ["an async function", () => async function load() {}, "a function, load"],
    ["a symbol", () => Symbol("id"), "a symbol, Symbol(id)"],
    ["a registered symbol", () => Symbol.for("id"), "a symbol, Symbol(id)"],
    ["a boxed symbol", () => Object(Symbol("id")), "a Symbol"],
    ["a promise", () => Promise.resolve(1), "a Promise"],
    ["a WeakMap", () => new WeakMap(), "a WeakMap"],
    ["a WeakSet", () => new WeakSet(), "a WeakSet"],
    ["a WeakRef", () => new WeakRef({}), "a WeakRef"],
    [
      "a generator",
      () => (function* () {})(),
      "a Generator; `pool.stream()` reads the items of a task that yields them",
    ],
    ["an iterator", () => [1].values(), "a Array Iterator"],
    [
      "a SharedArrayBuffer",
      () => new SharedArrayBuffer(8),
      "a SharedArrayBuffer (threads share it, processes can't)",
    ],
    [
      "a view on a SharedArrayBuffer",
      () => new Uint8Array(new SharedArrayBuffer(8)),
      "a Uint8Array on a SharedArrayBuffer (threads share it, processes can't)",
    ],
    ["a URL", () => new URL("https://example.com"), "a URL"],
    ["URLSearchParams", () => new URLSearchParams("a=1"), "a URLSearchParams"],
    ["Headers", () => new Headers(), "a Headers"],
    ["a Blob", () => new Blob(["a"]), "a Blob"],
    ["an AbortSignal", () => new AbortController().signal, "a AbortSignal"],
    ["a stream", () => new ReadableStream(), "a ReadableStream"],
    ["a module of WebAssembly", () => new WebAssembly.Memory({ initial: 1 }), "a WebAssembly.Memory"],
    ["a detached ArrayBuffer", () => detached(new ArrayBuffer(8)), "a detached ArrayBuffer"],
  ];

  test.each(refused)("%s is a SerializationError that says what it is", (_, make, received) => {
    const error = refusal(make());
    expect(error.path).toBe("args");
    expect(error.message).toBe(
      `Cannot send \`args\`: expected a value that structured clone takes, received ${received}`,
    );
  });

  test.each(refused)("%s deep in a value is a SerializationError that names the place", (_, make) => {
    expect(refusal([{ options: { "on-done": make() } }]).path).toBe('args[0].options["on-done"]');
  });

  test.each<[string, (bad: unknown) => unknown, string]>([
    ["the root", (bad) => bad, "args"],
    ["an element", (bad) => [0, bad], "args[1]"],
    ["a property", (bad) => ({ a: bad }), "args.a"],
    ["a property that is no identifier", (bad) => ({ "a b": bad }), 'args["a b"]'],
    ["a property that is a number", (bad) => ({ 7: bad }), "args[7]"],
    [
      "a property named `__proto__`",
      (bad) => Object.defineProperty({}, "__proto__", { value: bad, enumerable: true }),
      "args.__proto__",
    ],
    ["an element of a sparse array", (bad) => Object.assign(new Array(9), { 5: bad }), "args[5]"],
    ["a property of an array", (bad) => Object.assign([1], { extra: bad }), "args.extra"],
    ["a key of a map", (bad) => new Map([[1, 2], [bad, 3] as never]), "args.keys()[1]"],
    ["a value of a map", (bad) => new Map([["a", bad]]), "args.values()[0]"],
    ["a value of a set", (bad) => new Set([0, bad]), "args.values()[1]"],
    ["the cause of an error", (bad) => new Error("a", { cause: bad }), "args.cause"],
    ["an own property of an error", (bad) => Object.assign(new Error("a"), { socket: bad }), "args.socket"],
    ["an error of an AggregateError", (bad) => new AggregateError([new Error("a"), bad]), "args.errors[1]"],
    [
      "a class instance",
      (bad) =>
        new (class Job {
          run = bad;
        })(),
      "args.run",
    ],
    [
      "a long way down",
      (bad) => [{ a: new Map([["k", [new Set([{ b: { c: bad } }])]]]) }],
      "args[0].a.values()[0][0].values()[0].b.c",
    ],
  ])("is named when it is %s", (_, wrap, path) => {
    for (const make of [
      () => () => {},
      () => Symbol("a"),
      () => new WeakMap(),
      () => detached(new ArrayBuffer(1)),
    ]) {
      expect(refusal(wrap(make())).path).toBe(path);
    }
  });

  test("is named by the shortest way to an object that stands in several places", () => {
    const bad = { job: { run: () => {} } };
    expect(refusal([{ a: { b: bad } }, bad]).path).toBe("args[1].job.run");
  });

  test("is named 50,000 objects down without a stack overflow", () => {
    let value: unknown = () => {};
    for (let depth = 0; depth < 50_000; depth++) value = [value];
    expect(refusal(value).path).toBe(`args${"[0]".repeat(50_000)}`);
  });

  test.each<[string, () => unknown]>([
    ["a typed array", () => detached(new Uint8Array(8))],
    ["a DataView", () => detached(new DataView(new ArrayBuffer(8)))],
    [
      "one of two views",
      () => {
        const view = new Uint8Array(8);
        const other = new Uint16Array(view.buffer);
        return [detached(view), other];
      },
    ],
  ])("is named when it is %s whose buffer is detached", (_, make) => {
    const error = refusal([{ bytes: make() }]);
    expect(error.path).toMatch(/^args\[0\]\.bytes/);
    expect(error.message).toContain("detached");
  });

  test("does not depend on the name of the root", () => {
    expect(refusal({ a: () => {} }, "result").path).toBe("result.a");
    expect(refusal(() => {}, "result").message).toContain("Cannot send `result`");
  });
});

describe("an object that keeps what it is out of sight", () => {
  test.each<[string, () => object]>([
    ["a promise", () => Promise.resolve(1)],
    ["a WeakMap", () => new WeakMap()],
    ["a URL", () => new URL("https://example.com")],
    ["a Blob", () => new Blob(["a"])],
    ["an Event", () => new Event("done")],
  ])("is refused also when %s has a property of its own", (_, make) => {
    expect(refusal([Object.assign(make(), { label: "a" })]).path).toBe("args[0]");
  });

  test("is refused when it is an Event", () => {
    expect(refusal([new Event("done")]).path).toBe("args[0]");
  });
});

describe("what an object says of itself", () => {
  class Labelled extends Map<string, number> {
    label = "a";
    override get [Symbol.toStringTag](): string {
      return "Labelled";
    }
  }

  test.each<[string, () => unknown, () => unknown]>([
    ["a Map that calls itself something else", () => new Labelled([["a", 1]]), () => new Map([["a", 1]])],
    ["an object that calls itself a Map", () => ({ [Symbol.toStringTag]: "Map", a: 1 }), () => ({ a: 1 })],
    ["an object that calls itself a Date", () => ({ [Symbol.toStringTag]: "Date", a: 1 }), () => ({ a: 1 })],
    [
      "an object that calls itself an Error",
      () => ({ [Symbol.toStringTag]: "Error", a: 1 }),
      () => ({ a: 1 }),
    ],
    [
      "an object that calls itself a String",
      () => ({ [Symbol.toStringTag]: "String", a: 1 }),
      () => ({ a: 1 }),
    ],
    [
      "a typed array that calls itself something else",
      () => Object.defineProperty(Uint8Array.of(1), Symbol.toStringTag, { value: "Bytes" }),
      () => Uint8Array.of(1),
    ],
  ])("does not change how it arrives: %s", (_, make, expected) => {
    expect(difference(transfer([make(), -0]), [expected(), -0])).toBeUndefined();
  });

  test.each<[string, () => unknown, () => unknown]>([
    [
      "a Map that iterates in its own way",
      () =>
        new (class Odd extends Map<number, number> {
          override *[Symbol.iterator](): MapIterator<never> {}
        })([[1, 2]]),
      () => new Map([[1, 2]]),
    ],
    [
      "a Set that iterates in its own way",
      () =>
        new (class Odd extends Set<number> {
          override *[Symbol.iterator](): SetIterator<never> {}
        })([1, 2]),
      () => new Set([1, 2]),
    ],
    [
      "a Date that tells another time",
      () =>
        new (class Odd extends Date {
          override getTime() {
            return 7;
          }
        })(5),
      () => new Date(5),
    ],
    [
      "an array that maps in its own way",
      () =>
        class Odd extends Array {
          override map(): never[] {
            return [];
          }
        }.of(1, -0),
      () => [1, -0],
    ],
  ])("does not change what arrives: %s", (_, make, expected) => {
    expect(difference(transfer(make()), expected())).toBeUndefined();
  });

  test.each<[string, () => object]>([
    ["an object", () => ({ a: 1 })],
    ["an array", () => [1]],
  ])("does not change what arrives: %s with a hidden toJSON", (_, make) => {
    const value = Object.defineProperty(make(), "toJSON", { value: () => "changed" });
    expect(difference(transfer(value), make())).toBeUndefined();
  });
});

describe("bytes", () => {
  test("a view that alone uses its buffer brings its own bytes only", () => {
    const view = new Uint8Array(new ArrayBuffer(1_000_000), 10, 4);
    const encoded = encode(view, "value");
    expect(encoded.attachments?.reduce((sum, bytes) => sum + bytes.length, 0)).toBe(4);
    expect((transfer(view) as Uint8Array).buffer.byteLength).toBe(4);
  });

  test("views that share a buffer bring it once and keep their places in it", () => {
    const buffer = new ArrayBuffer(64);
    const views = [new Uint8Array(buffer, 8, 4), new Float64Array(buffer, 16, 2), new DataView(buffer, 3)];
    const encoded = encode(views, "value");
    expect(encoded.attachments?.map((bytes) => bytes.length)).toEqual([64]);
    const received = transfer(views) as ArrayBufferView[];
    expect(received.map(({ byteOffset, byteLength }) => [byteOffset, byteLength])).toEqual([
      [8, 4],
      [16, 16],
      [3, 61],
    ]);
    (received[0] as Uint8Array)[0] = 5;
    expect((received[2] as DataView).getUint8(5)).toBe(5);
  });

  test("a subclass of Uint8Array, such as a Buffer, arrives as a Uint8Array", () => {
    class Bytes extends Uint8Array {}
    const received = transfer(Bytes.of(1, 2, 3));
    expect(difference(received, Uint8Array.of(1, 2, 3))).toBeUndefined();
  });

  test("a resizable buffer can still be resized where it arrives", () => {
    type Resizable = ArrayBuffer & { resize(length: number): void };
    const Resizable = ArrayBuffer as unknown as new (length: number, options: object) => Resizable;
    const received = transfer(new Resizable(4, { maxByteLength: 16 })) as Resizable;
    received.resize(16);
    expect(received.byteLength).toBe(16);
  });

  test("the parts of binary data are not turned into text", () => {
    expect(encode([new Uint8Array(100_000)], "value").text.length).toBeLessThan(100);
  });
});

describe("errors with more than a message", () => {
  test.runIf("SuppressedError" in globalThis)("a SuppressedError keeps both errors", () => {
    const Suppressed = (globalThis as never as { SuppressedError: new (...of: unknown[]) => Error })
      .SuppressedError;
    const received = transfer(new Suppressed(new RangeError("a"), new TypeError("b"), "c"));
    expect(received).toMatchObject({ message: "c", error: { message: "a" }, suppressed: { message: "b" } });
  });

  test.runIf("QuotaExceededError" in globalThis)("a QuotaExceededError arrives as a DOMException", () => {
    const Quota = (globalThis as never as { QuotaExceededError: new (message: string) => Error })
      .QuotaExceededError;
    const received = transfer(new Quota("full"));
    expect(received).toBeInstanceOf(DOMException);
    expect(received).toMatchObject({ name: "QuotaExceededError", message: "full" });
  });

  test("an error of another realm's class keeps its name", () => {
    const foreign = Object.assign(Object.create(Error.prototype, {}), { message: "a", name: "TypeError" });
    expect(transfer(Object.assign(new Error("b"), { cause: foreign }))).toMatchObject({
      cause: { name: "TypeError", message: "a" },
    });
  });
});

describe("a view of a subclass, such as Node's Buffer", () => {
  class Slice extends Uint8Array {}

  test("brings its own bytes only, also when others share its buffer", () => {
    const pool = new Uint8Array(8192).buffer;
    const { attachments } = encode([new Slice(pool, 0, 3), new Slice(pool, 8, 5)], "args");
    expect(attachments?.map((bytes) => bytes.length)).toEqual([3, 5]);
  });
});
