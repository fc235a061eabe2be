/** The caller's AsyncLocalStorage: application code that runs on behalf of a call runs in the context of that call. */
import { AsyncLocalStorage } from "node:async_hooks";
import { assertEqual, type ContractCase, rejection, withPool } from "../contract-case.ts";

export const contextCases: readonly ContractCase[] = [
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
