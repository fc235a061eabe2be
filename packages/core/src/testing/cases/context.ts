/** The caller's AsyncLocalStorage: application code that runs on behalf of a call runs in the context of that call. */
import { AsyncLocalStorage } from "node:async_hooks";
import { assertEqual, type ContractCase, rejection, withPool } from "../contract-case.ts";

export const contextCases: readonly ContractCase[] = [
  {
    name: "context: a task begins outside of whatever another has entered, in each way it can begin",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, concurrentTasksPerWorker: 2 }, async (pool) => {
        const enter = (name: string, how: string) => pool.run("enterContext", [name, how]);
        const within = () => pool.run("contextWithin");
        for (const how of ["at once", "after an await", "in a timer", "in run"]) {
          assertEqual(await enter("alone", how), "alone", `the context entered ${how}`);
          assertEqual(await within(), [null, null], `after one that entered it ${how}`);
          const together = await Promise.all([enter("a", how), within(), enter("b", how), within()]);
          assertEqual(together, ["a", [null, null], "b", [null, null]], `sent together, entered ${how}`);
        }
        const many = await Promise.all(["a", "b", "c", "d"].map((name) => pool.run("enterNow", [name])));
        assertEqual(many, [null, null, null, null], "short tasks in one piece");
        const items: (string | null)[] = [];
        for await (const item of pool.map("enterNow", [["a"], ["b"], ["c"]], { chunk: 3 })) items.push(item);
        assertEqual(items, [null, null, null], "the items of a chunk");
        const seen = new Set<string | null>();
        for await (const item of pool.stream("contexts", [40])) {
          seen.add(item);
          await pool.run("enterNow", ["between"]);
        }
        assertEqual([...seen], [null], "the items of a stream");
        const controller = new AbortController();
        const aborted = pool.run("noteAbort", [], { signal: controller.signal });
        await pool.run("enterNow", ["before the abort"]);
        controller.abort(new RangeError("given up"));
        await rejection(aborted, "RangeError");
        assertEqual(await pool.run("contextOfAbort"), null, "the listener of an abort");
      }),
  },
  {
    name: "context: the caller's AsyncLocalStorage is there after a call, in onProgress, in the question about a retry and in the source of an iterable argument",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, concurrentTasksPerWorker: 2 }, async (pool, newFolder) => {
        const storage = new AsyncLocalStorage<string>();
        const file = `${await newFolder()}/starts`;
        const seen: Record<string, (string | undefined)[]> = {
          source: [],
          progress: [],
          when: [],
          after: [],
        };
        const note = (where: string) => seen[where]?.push(storage.getStore());
        async function* source() {
          for (let i = 0; i < 2; i++) {
            note("source");
            yield i;
          }
        }
        const callAll = async (name: string) => {
          await pool.run("total", [source()]);
          await pool.run("emit", [[1]], { onProgress: () => note("progress") });
          const when = () => {
            note("when");
            return false;
          };
          await rejection(pool.run("flaky", [file, 99, "throw"], { retries: { when } }), "E_CUSTOM");
          note("after");
          assertEqual(storage.getStore(), name, "the context after the calls");
        };
        await storage.run("first", () => callAll("first"));
        await Promise.all(["second", "third"].map((name) => storage.run(name, () => callAll(name))));
        for (const [where, names] of Object.entries(seen)) {
          const times = where === "source" ? 2 : 1;
          const expected = ["first", "second", "third"].flatMap((name) => Array(times).fill(name));
          assertEqual(names.sort(), expected.sort(), `contexts of ${where}`);
        }
      }),
  },
];
