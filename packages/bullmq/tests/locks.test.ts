import { EventEmitter } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { Locks } from "../src/locks.ts";

/** BullMQ's worker, as far as locks go. */
function scene(lockDuration: number) {
  const worker = Object.assign(new EventEmitter(), { opts: { lockDuration } });
  const lost: [name: string, why: string][] = [];
  const locks = new Locks<{ name: string; job: { id: string } }>(worker as never, ({ name }, why) => {
    lost.push([name, why]);
  });
  return { worker, locks, lost };
}

const attempt = (name: string, id: string) => ({ name, job: { id } });

describe("a lock", () => {
  it("is lost when it is not renewed for two thirds of its time, and only then", async () => {
    const { worker, locks, lost } = scene(600);
    locks.hold(attempt("renewed", "1"));
    locks.hold(attempt("forgotten", "2"));
    const renewing = setInterval(() => worker.emit("locksRenewed", { count: 1, jobIds: ["1"] }), 50);
    await vi.waitUntil(() => lost.length > 0, { timeout: 10_000 });
    clearInterval(renewing);
    expect(lost).toEqual([["forgotten", "its lock could not be renewed for 390 ms"]]);
  });

  it("is lost when the engine says so; each attempt has its own", () => {
    const { worker, locks, lost } = scene(60_000);
    const [first, second, other] = [attempt("first", "1"), attempt("second", "1"), attempt("other", "2")];
    for (const each of [first, second, other]) locks.hold(each);
    locks.release(first); // the job has begun again meanwhile
    worker.emit("lockRenewalFailed", ["1", "3"]);
    expect(lost.map(([name]) => name)).toEqual(["second"]);
    locks.release(other);
  });
});
