/** Modules as people write them: CommonJS, default exports, instances. */
import { assert, assertEqual, type ContractCase, rejection } from "../contract-case.ts";
import { withFiles } from "../written-module.ts";

const ES_MODULE = 'Object.defineProperty(exports, "__esModule", { value: true });';

/** Each has a task `add` and nothing else. */
const ADDING: Readonly<Record<string, string>> = {
  "object.cjs": "const tasks = { add: (a, b) => a + b }; module.exports = tasks;",
  "literal.cjs": "module.exports = { add: (a, b) => a + b };",
  "shorthand.cjs": "function add(a, b) { return a + b } module.exports = { add };",
  "made.cjs": "module.exports = ((offset) => ({ add: (a, b) => a + b + offset }))(0);",
  "names.cjs": "exports.add = (a, b) => a + b;",
  "compiled.cjs": `${ES_MODULE} exports.default = { add: (a, b) => a + b };`,
  "twice.cjs": `${ES_MODULE} const inner = { default: { add: (a, b) => a + b } };
    Object.defineProperty(inner, "__esModule", { value: true }); exports.default = inner;`,
  "bundled.cjs":
    "const all = {}; Object.defineProperty(all, 'add', { get: () => (a, b) => a + b, enumerable: true }); module.exports = all;",
  "itself.cjs": `${ES_MODULE} exports.add = (a, b) => a + b; exports.default = exports;`,
  "instance.cjs":
    "class Tasks { #zero = 0; add(a, b) { return a + b + this.#zero } } module.exports = new Tasks();",
  "method.cjs": "module.exports = { zero: 0, add(a, b) { return a + b + this.zero } };",
  "object.mjs": "export default { add: (a, b) => a + b };",
  "method.mjs": "export default { zero: 0, add(a, b) { return a + b + this.zero } };",
  "instance.mjs":
    "class Base { add(a, b) { return a + b + this.zero } } export default new (class extends Base { zero = 0 })();",
  "beside.mjs": "const add = (a, b) => a + b; export { add }; export default { add, version: 2 };",
};

const OTHERS = /module\.exports|default|__esModule|toString|constructor/;

/** Each is one function. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  "function.cjs": "module.exports = (a, b) => a + b;",
  "compiled.cjs": `${ES_MODULE} exports.default = (a, b) => a + b;`,
  "function.mjs": "export default function (a, b) { return a + b }",
  "async.mjs": "export default async (a, b) => a + b;",
};

export const moduleCases: readonly ContractCase[] = [
  {
    name: "module: CommonJS and default exports have the same tasks in every runtime",
    run: (subject) =>
      withFiles(subject, ADDING, async (use) => {
        for (const file of Object.keys(ADDING)) {
          await use(file, async (pool) => {
            assertEqual(await pool.run("add", [20, 22]), 42, file);
            const { message } = await rejection(pool.run("nothing"), "ERR_UNKNOWN_TASK");
            assert(/add/.test(message), `Expected the task of ${file} in: ${message}`);
            assert(!OTHERS.test(message), `Expected no other task of ${file} in: ${message}`);
          });
        }
      }),
  },
  {
    name: "module: the task of a default function is called `default`",
    run: (subject) =>
      withFiles(subject, FUNCTIONS, async (use) => {
        for (const file of Object.keys(FUNCTIONS)) {
          await use(file, async (pool) => {
            assertEqual(await pool.run("default", [20, 22]), 42, file);
            const { message } = await rejection(pool.run("add"), "ERR_UNKNOWN_TASK");
            assert(!message.includes("module.exports"), `Expected one task of ${file} in: ${message}`);
          });
        }
      }),
  },
  {
    name: "module: setup is found where the tasks are, and has the state of its object",
    run: (subject) => {
      const members = "{ data: 0, setup(data) { this.data = data }, read() { return this.data } }";
      const files = {
        "hooks.cjs": `const all = ${members}; module.exports = all;`,
        "compiled.cjs": `${ES_MODULE} exports.default = ${members};`,
        "hooks.mjs": `export default ${members};`,
        "instance.mjs": `export default new (class ${members.replace("data: 0,", "data = 0;").replace("},", "}")})();`,
      };
      return withFiles(
        subject,
        files,
        async (use) => {
          for (const file of Object.keys(files)) {
            await use(file, async (pool) => assertEqual(await pool.run("read"), 7, file));
          }
        },
        { worker: { data: 7, stderr: "ignore" } },
      );
    },
  },
];
