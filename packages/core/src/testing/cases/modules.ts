/** Modules as people write them: CommonJS, default exports, instances. */
import { assert, assertEqual, type ContractCase, rejection, withPool } from "../contract-case.ts";
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

/** The place is where the mistake is, not the module that led there. */
const BROKEN: Readonly<Record<string, string>> = {
  "broken.mjs": "export const a = 1;\n  export const b = ;\n",
  "twice.mjs": "const a = 1;\n\nlet a = 2;\n",
  "typed.ts": "export const a: number = 1;\nexport const b: = 2;\n",
  "literal.cjs": "module.exports = {\n  add: 1\n  sub: 2,\n};\n",
  "importing.mjs": 'export const add = () => 1;\nimport "./broken.mjs";\n',
  "requiring.cjs": 'exports.add = () => 1;\nrequire("./literal.cjs");',
  "again.cjs": "exports.a = 1;\n\nlet first = 1;\nlet first = 2;\n",
  "joining.cjs": 'const { join } = require("node:path");\nrequire(join(__dirname, "again.cjs"));\n',
  "creating.mjs":
    'import { createRequire } from "node:module";\nexport const all = createRequire(import.meta.url)("./literal.cjs");\n',
  "dynamic.mjs": 'await import("./twice.mjs");\n',
  "table.json": '{\n  "name": "users",\n  "columns": [1, 2,]\n}\n',
  "reading.mjs": 'export const add = () => 1;\nimport "./importing-json.mjs";\n',
  "importing-json.mjs": 'import table from "./table.json" with { type: "json" };\nexport default table;\n',
  "reading.cjs": 'const table = require("./table.json");\nexports.add = () => table;\n',
  "setup.mjs": 'export const setup = () => import("./broken.mjs");\n',
  "late.mjs": `export const late = () => import("./broken.mjs");
    export const parse = () => JSON.parse("{");
    export const own = () => { throw new SyntaxError("mine") };`,
};

const PLACES: Readonly<Record<string, RegExp>> = {
  "broken.mjs": /broken\.mjs:2:(?:18|20)/,
  "twice.mjs": /twice\.mjs:3:5/,
  "typed.ts": /typed\.ts:2:17/,
  "literal.cjs": /literal\.cjs:3:3/,
  "importing.mjs": /broken\.mjs:2:(?:18|20)/,
  "requiring.cjs": /literal\.cjs:3:3/,
  "again.cjs": /again\.cjs:4:5/,
  "joining.cjs": /again\.cjs:4:5/,
  "creating.mjs": /literal\.cjs:3:3/,
  "dynamic.mjs": /twice\.mjs:3:5/,
  "reading.mjs": /table\.json:3:20/,
  "reading.cjs": /table\.json:3:20/,
  "setup.mjs": /broken\.mjs:2:(?:18|20)/,
};

/** Each imports a name that is not exported: what the import says, and where. */
const MISNAMING: readonly (readonly [file: string, source: string, place: RegExp])[] = [
  ["named.mjs", 'const a = 1;\nimport { there, absent } from "./target.mjs";\n', /named\.mjs:2:17/],
  ["default.mjs", '// first\n\nimport absent from "./target.mjs";\n', /default\.mjs:3:8/],
  ["renamed.ts", 'import {\n  // absent\n  absent as b,\n} from "./target.mjs";\nb();\n', /renamed\.ts:3:3/],
  [
    "passed.mjs",
    'export { there } from "./target.mjs";\nexport { absent } from "./target.mjs";',
    /passed\.mjs:2:10/,
  ],
  ["built-in.mjs", 'import { readFileSync, absent } from "node:fs";\n', /built-in\.mjs:1:24/],
  ["outer.mjs", 'export const add = () => 1;\nimport "./named.mjs";\n', /named\.mjs:2:17/],
  ["later.mjs", 'export const setup = () => import("./outer.mjs");\n', /named\.mjs:2:17/],
];

/** Each asks for what is not there. */
const ASKING: Readonly<Record<string, string>> = {
  "file.mjs": 'export const add = () => 1;\nimport "./nowhere.mjs";\n',
  "package.mjs": 'import { a } from "nowhere-to-be-found";\nexport const add = () => a;\n',
  "type.ts": 'import { a } from "./nowhere.ts";\nexport const add = (): number => a;\n',
  "file.cjs": 'exports.add = () => 1;\nrequire("./nowhere.cjs");\n',
  "late.mjs": 'export const late = () => import("./file.mjs");',
};

const FOREIGN: Readonly<Record<string, string>> = {
  "threads.mjs": 'import { parentPort } from "node:worker_threads"; parentPort.on("message", () => {});',
  "threads.cjs":
    'const { parentPort: port } = require("node:worker_threads"); port.once("message", () => {});',
  "guarded.mjs": 'import { parentPort } from "node:worker_threads"; parentPort?.on("message", () => {});',
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
  {
    name: "module: a syntax error tells the file, the line and the column",
    run: (subject) =>
      withFiles(subject, BROKEN, async (use) => {
        for (const [file, place] of Object.entries(PLACES)) {
          await use(file, async (pool) => {
            const { message } = await rejection(pool.run("add", [1, 2]), "ERR_WORKER_START");
            assert(place.test(message), `Expected ${place} in: ${message}`);
          });
        }
      }),
  },
  {
    name: "module: a name that is imported and not exported is told with the file, the line and the column",
    run: (subject) => {
      const files = Object.fromEntries(MISNAMING.map(([file, source]) => [file, source]));
      return withFiles(subject, { ...files, "target.mjs": "export const there = 1;\n" }, async (use) => {
        for (const [file, , place] of MISNAMING) {
          await use(file, async (pool) => {
            const { message } = await rejection(pool.run("add"), "ERR_WORKER_START");
            assert(place.test(message), `Expected ${place} in: ${message}`);
          });
        }
      });
    },
  },
  {
    name: "module: one that is missing is named with the file that asks for it, in plain text",
    run: (subject) =>
      withFiles(subject, ASKING, async (use) => {
        for (const file of Object.keys(ASKING)) {
          await use(file, async (pool) => {
            const error = await pool.run("late").then(
              () => new Error("it ran"),
              (thrown: Error) => thrown,
            );
            const { message } = error;
            assert(message.includes("nowhere"), `Expected the missing module in: ${message}`);
            const asking = file === "late.mjs" ? "file.mjs" : file;
            assert(message.includes(asking), `Expected ${asking} in: ${message}`);
            const texts = [message, error.stack, (error.cause as Error | undefined)?.message];
            assert(!texts.join().includes("\u001b"), `Expected no colours in: ${JSON.stringify(texts)}`);
          });
        }
      }),
  },
  {
    name: "module: a task that imports one learns the place as well; what it throws itself stays as it is",
    run: (subject) =>
      withFiles(subject, BROKEN, async (use) => {
        await use("late.mjs", async (pool) => {
          const broken = await rejection(
            pool.run("late"),
            subject.runtime.name === "deno" ? "ERR_MODULE_NOT_FOUND" : "SyntaxError",
          );
          assert(/broken\.mjs:2:\d/.test(broken.message), `Expected the place in: ${broken.message}`);
          const parsed = await rejection(pool.run("parse"), "SyntaxError");
          assert(!/late\.mjs/.test(parsed.message), `Expected no place in: ${parsed.message}`);
          assertEqual((await rejection(pool.run("own"), "SyntaxError")).message, "mine", "its own");
        });
      }),
  },
  {
    name: "module: where Node can't strip the types, the error names the file with the enum",
    run: (subject) =>
      withFiles(
        subject,
        {
          "enum.ts": "export const a: number = 1;\n\nexport enum Color {\n  Red,\n}\n",
          "work.ts": 'import { Color } from "./enum.ts";\nexport const add = () => Color.Red;\n',
        },
        async (use) => {
          for (const file of ["work.ts", "enum.ts"]) {
            await use(file, async (pool) => {
              if (subject.runtime.name !== "node") return; // the others run an enum
              const error = await rejection(pool.run("add"), "ERR_WORKER_START");
              assert(/enum\.ts:3/.test(error.message), `Expected the place in: ${error.message}`);
              assertEqual(
                (error.cause as { code?: string }).code,
                "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
                "code",
              );
            });
          }
        },
      ),
  },
  {
    name: "module: one that was written for another kind of worker is told what a pool calls",
    run: (subject) =>
      withFiles(subject, { ...FOREIGN, "other.mjs": "null.value" }, async (use) => {
        for (const file of Object.keys(FOREIGN)) {
          await use(file, async (pool) => {
            const { message } = await pool.run("add", [1, 2]).then(
              () => new Error("it ran"),
              (error: Error) => error,
            );
            assert(/no `parentPort`.*export/.test(message), `Expected a hint for ${file} in: ${message}`);
          });
        }
        await use("other.mjs", async (pool) => {
          const { message } = await rejection(pool.run("add"), "ERR_WORKER_START");
          assert(!message.includes("parentPort"), `Expected no hint in: ${message}`);
        });
      }),
  },
  {
    name: "module: where the runtime loads none over https, the error says what to do",
    async run(subject) {
      if (subject.runtime.name === "deno") return; // it does
      for (const url of ["https://127.0.0.1:9/work.js", "http://127.0.0.1:9/work.js"]) {
        const remote = { ...subject, fixture: new URL(url) };
        await withPool(remote, { maxWorkers: 1, worker: { stderr: "ignore" } }, async (pool) => {
          const { message } = await rejection(pool.run("nothing"), "ERR_WORKER_START");
          assert(/only Deno.*save it as a file/.test(message), `Expected a hint in: ${message}`);
        });
      }
    },
  },
  {
    name: "module: its path and its folder may have any character",
    run: (subject) => {
      // Many to a name: each is a start.
      const names = [
        `a b 100%41 c#d new\nline q"uo'te café 😀`,
        "a;b&c$HOME [x]{y}~:z a,b=c@d+e",
        "why?x=1",
        "back\\slash",
      ];
      const source = "export const cwd = () => process.cwd();";
      const files = Object.fromEntries(names.map((name) => [`${name}/${name}.mjs`, source]));
      return withFiles(subject, files, async (use) => {
        for (const file of Object.keys(files)) {
          await use(file, async (pool) => {
            // Bun itself cuts a path at a question mark, and takes a backslash for a slash.
            if (subject.runtime.name === "bun" && /[?\\]/.test(file)) {
              const { message } = await rejection(pool.run("cwd"), "ERR_WORKER_START");
              assert(/Bun can't load .*: rename/.test(message), `Expected the reason in: ${message}`);
            } else assert(typeof (await pool.run("cwd")) === "string", `Expected a worker of ${file}`);
          });
        }
      });
    },
  },
];
