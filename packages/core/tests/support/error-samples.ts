/** The errors of the fidelity suite. */
import { type Sample, sample } from "./sample.ts";

// biome-ignore lint/suspicious/noExplicitAny: names that not every runtime has
const runtime = globalThis as any;

const ERROR_CLASSES = [
  "Error",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
] as const;

/** As a `using` block makes it, where the runtime has the class. */
const SUPPRESSED_ERRORS: readonly Sample[] =
  "SuppressedError" in runtime
    ? [
        sample("a SuppressedError", () => new runtime.SuppressedError(new TypeError("a"), "b", "c")),
        sample("a SuppressedError without a message", () => new runtime.SuppressedError(undefined, null)),
        sample("SuppressedErrors in each other", () => {
          const inner = new runtime.SuppressedError(
            new RangeError("a"),
            new DOMException("b", "AbortError"),
            "c",
          );
          return new runtime.SuppressedError(inner, new AggregateError([inner], "d"), "e");
        }),
        sample("a SuppressedError with properties and a cause", () =>
          Object.assign(new runtime.SuppressedError(1, 2, "a"), {
            cause: new Error("b"),
            code: "E",
            at: new Date(0),
          }),
        ),
        sample("a SuppressedError of a subclass", () => {
          class CleanupError extends (runtime.SuppressedError as new (...of: unknown[]) => Error) {
            override name = "CleanupError";
            step = -0;
          }
          return new CleanupError(1, 2, "a");
        }),
      ]
    : [];

const WEB_ASSEMBLY_ERRORS = ["CompileError", "LinkError", "RuntimeError"] as const;

class TimeoutException extends DOMException {
  readonly after = -0;
  constructor(message: string) {
    super(message, "TimeoutError");
  }
}

class HttpError extends RangeError {
  override readonly name = "HttpError";
  readonly status = 404;
}

export const errors: readonly Sample[] = [
  ...ERROR_CLASSES.map((name) => sample(`a ${name}`, () => new globalThis[name]("message"))),
  sample("an error without a message", () => new Error()),
  sample("an error with a cause", () => new Error("a", { cause: new TypeError("b", { cause: "c" }) })),
  sample("an error whose cause is undefined", () => new Error("a", { cause: undefined })),
  sample("an error that is its own cause", () => {
    const error = new Error("a");
    error.cause = error;
    return error;
  }),
  sample("an AggregateError", () => new AggregateError([new RangeError("a"), "b", undefined], "c")),
  sample("an error with a code", () => Object.assign(new Error("a"), { code: "ENOENT" })),
  sample("an error with properties", () =>
    Object.assign(new Error("a"), { at: new Date(0), list: new Map([[1, -0]]), nothing: undefined }),
  ),
  sample("an error of a subclass", () => new HttpError("not found")),
  sample("an error whose name, message and code are its class's", () => {
    class ParseError extends SyntaxError {
      override get name() {
        return "ParseError";
      }
      override get message() {
        return "at 5";
      }
      get code() {
        return "ERR_PARSE";
      }
    }
    return new ParseError();
  }),
  sample("an error with a name of its own", () => Object.assign(new Error("a"), { name: "ParseError" })),
  sample("an error with a code out of sight", () =>
    Object.defineProperty(new Error("a"), "code", { value: 7, writable: true, configurable: true }),
  ),
  sample("an error without a stack", () => Object.assign(new Error("a"), { stack: undefined })),
  sample("an error with a stack that was rewritten", () => Object.assign(new Error("a"), { stack: "at b" })),
  sample("an error with a `__proto__` key", () =>
    Object.defineProperty(new Error("a"), "__proto__", {
      value: { polluted: true },
      enumerable: true,
      writable: true,
      configurable: true,
    }),
  ),
  sample("a DOMException", () => new DOMException("a", "AbortError")),
  sample("a DOMException with a name of its own", () => new DOMException("a", "Custom")),
  sample("a DOMException with a cause", () =>
    Object.defineProperty(new DOMException("a", "AbortError"), "cause", {
      value: new RangeError("b", { cause: -0 }),
      writable: true,
      configurable: true,
    }),
  ),
  sample("a DOMException with properties", () =>
    Object.assign(new DOMException("a", "DataError"), {
      path: "b",
      list: new Map([[1, -0]]),
      nothing: undefined,
    }),
  ),
  sample("a DOMException with a code out of sight", () =>
    Object.defineProperty(new DOMException("a", "AbortError"), "code", {
      value: "ABORT_ERR",
      writable: true,
      configurable: true,
    }),
  ),
  sample("a DOMException that is its own cause", () => {
    const exception: DOMException & { cause?: unknown } = new DOMException("a", "AbortError");
    exception.cause = exception;
    return exception;
  }),
  sample("a DOMException of a subclass", () => new TimeoutException("late")),
  sample("an AggregateError of a subclass, of AggregateErrors", () => {
    class BatchError extends AggregateError {
      override readonly name = "BatchError";
      readonly failed = 2n;
    }
    const inner = new AggregateError([new DOMException("a", "AbortError"), new URIError("b")], "c", {
      cause: 1,
    });
    return new BatchError([inner, new BatchError([], "d")], "e", { cause: inner });
  }),
  ...SUPPRESSED_ERRORS,
  ...WEB_ASSEMBLY_ERRORS.map((name) =>
    sample(`a ${name} of WebAssembly`, () =>
      Object.assign(new runtime.WebAssembly[name]("unreachable"), { cause: new Error(name), at: 5n }),
    ),
  ),
  ...("QuotaExceededError" in runtime
    ? [
        sample(
          "a QuotaExceededError",
          () => new runtime.QuotaExceededError("a", { quota: 10, requested: 12.5 }),
        ),
        sample("a QuotaExceededError without amounts", () =>
          Object.assign(new runtime.QuotaExceededError("a"), { cause: -0, store: "b" }),
        ),
        sample("a DOMException of that name", () => new DOMException("a", "QuotaExceededError")),
      ]
    : []),
];
