/**
 * Which tests a run of all takes in which runtime, and why: the one place that says so. vitest.config.ts asks it for files,
 * contract.ts for cases, and scripts/test.mjs says which selection holds in which runtime.
 *
 * - `whole` (Node 24): everything. So does each runtime with `npm test -- --whole`, or with a pattern.
 * - `of-runtime` (Bun, Deno): what the runtime has a part in. Not what shells, tools or core's own decisions bring about: that
 *   is the same script and the same JavaScript, and what it needs of the runtime is tested by the cases beside it.
 * - `of-version` (Node 22, 26): what another version of Node can decide: how it loads modules, starts processes, reads, writes
 *   and ends, which values and globals it has. Not what begins behind that: what is found of a worker, what a pool does next.
 */

type Selection = "whole" | "of-runtime" | "of-version";

const selection: Selection = chosen(process.env.TEST_SELECTION);

function chosen(name = "whole"): Selection {
  if (name === "whole" || name === "of-runtime" || name === "of-version") return name;
  throw new Error(`Expected TEST_SELECTION to be whole, of-runtime or of-version, received ${name}`);
}

export const isWhole: boolean = selection === "whole";
const isOfVersion = selection === "of-version";

/**
 * Units whose outcome a runtime or its engine decides. The others (machine, plan, queue, options, pools on a fake
 * runtime and a fake clock ...) do arithmetic and wait for promises, which is the same language everywhere; what comes
 * of it in a runtime is in the contract.
 */
const UNITS_OF_A_RUNTIME = [
  "packages/*/tests/wire/**", // which values there are, how they are cloned, and the errors of text and numbers
  "packages/*/tests/support/**", // what tells two values apart
  "packages/*/tests/memory/**", // ArrayBuffers: detached, resizable, collected
  "packages/*/tests/worker/**", // what user code throws and returns, the loop's turns, the context of a call
  "packages/*/tests/flow/readable.test.ts", // the runtime's own streams
  "packages/*/tests/task/readable-inputs.test.ts",
  "packages/*/tests/task/map-errors.test.ts", // its unhandled rejections
  "packages/*/tests/host/host-process.test.ts", // its AsyncLocalStorage
  "packages/*/tests/reaping/process-table.test.ts", // its /proc
  "packages/*/tests/{errors,call-safely,message-of}.test.ts", // stack traces, and objects that throw when touched
];

export const units: readonly string[] = isWhole
  ? ["packages/*/tests/**/*.test.ts"]
  : UNITS_OF_A_RUNTIME.map((pattern) => pattern.replace(/\*\*$/, "**/*.test.ts"));

/** Files that no runtime has a part in. */
const OF_SHELLS_AND_TOOLS = [
  "packages/core/tests/reaping/guard-script.test.ts", // the guard's script, in the shells of this machine
  "packages/core/tests/reaping/look-script.test.ts",
  "packages/core/tests/slot/worker-command.test.ts", // what a shell sets before it becomes the worker
  "tests/lint.test.ts",
  "tests/chaos-verdict.test.ts", // what the model says of programs that are made up
  "tests/queue-demo.test.ts", // what a tool counts and says
];

/** Files whose outcome is decided behind what a version of Node differs in. */
const BEYOND_A_VERSION = [
  "tests/browser.test.ts", // what is found of a browser, by the guard
  "tests/browser-example.test.ts",
  "tests/containment.test.ts", // what is found of other processes
  "tests/containment-users.test.ts",
  "tests/enclosed-host.test.ts", // what the kernel ends
  "tests/removed-folder.test.ts",
  "tests/doors.test.ts", // who may connect
  "tests/engines.test.ts", // what servers do
  "tests/queue/connection.test.ts", // what an engine that is not there means
  "tests/queue/hosts.test.ts", // when an engine gives a job to another host
  "tests/docs.test.ts", // what the examples print
  "tests/chaos.test.ts", // whether core does what the model says
];

export const leftOut: readonly string[] = [
  ...(isWhole ? [] : OF_SHELLS_AND_TOOLS),
  ...(isOfVersion ? BEYOND_A_VERSION : []),
];

/** Cases of the contract that core alone decides, by the beginning of their names; the others of their topics are for all. */
const CASES_OF_CORE = [
  "hostile: whatever is wrong with", // what a decoder refuses: its units run in every runtime
  "recycle: exactly so many", // how tasks are counted
  "blame: twelve calls of", // what counts as a crash loop
];

/** The same, where the other runtimes may be of another mind, but not another version of Node. */
const CASES_BEYOND_A_VERSION = [
  // What a pool does next.
  ...["hostile:", "recycle:", "blame:", "ahead:", "retry:", "idle:", "spares:", "resize:", "restart:"],
  ...["queue:", "queueTimeout:", "priority:", "key:", "map:", "broadcast:", "protocol:"],
  // What shells, /proc and the kernel find and end.
  ...["containment:", "group:"],
];

const casesLeftOut = [...(isWhole ? [] : CASES_OF_CORE), ...(isOfVersion ? CASES_BEYOND_A_VERSION : [])];

export const takesCase = (name: string): boolean =>
  !casesLeftOut.some((beginning) => name.startsWith(beginning));

/** All that is named here. */
export const files: readonly string[] = [...OF_SHELLS_AND_TOOLS, ...BEYOND_A_VERSION];
export const caseBeginnings: readonly string[] = [...CASES_OF_CORE, ...CASES_BEYOND_A_VERSION];
