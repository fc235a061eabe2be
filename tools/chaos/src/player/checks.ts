/**
 * Whether the outcomes of the calls are right: by the model, the journal and what happened in the meantime. Each
 * breach says what was expected and what was received. watch.ts checks what holds while a program is played.
 */
import type { CallRecord } from "./calls.ts";
import { abortReason, listenersOf } from "./calls.ts";
import { describe } from "./describe.ts";
import type { Journal, Trace } from "./journal.ts";
import { checkMap } from "./map-check.ts";
import type { Breach } from "./messages.ts";
import { expectedOf } from "./model.ts";
import { byteOf } from "./values.ts";
import { type Facts, isExcused } from "./verdict.ts";

export interface Happened {
  /** Without: no task left lines. */
  readonly journal: Journal | undefined;
  readonly isDeadly: boolean;
  readonly isBarren: boolean;
  readonly isLooping: boolean;
  /**
   * Calls that may have begun without a line of their own, at most: a worker notes a start before the task writes its line,
   * and may be killed between the two.
   */
  readonly mostUnseen: number;
  /** The most workers that the pool of the call could have. */
  readonly mostWorkers: (record: CallRecord) => number;
}

export function checkCalls(records: readonly CallRecord[], happened: Happened): Breach[] {
  let unseen = 0;
  return records.flatMap((record) => [
    ...(diedUnseen(record, happened) && ++unseen <= happened.mostUnseen
      ? []
      : checkOutcome(record, happened)),
    ...checkStarts(record, happened),
    ...checkProgress(record, happened),
    ...checkListeners(record),
  ]);
}

function diedUnseen(record: CallRecord, { journal }: Happened): boolean {
  const { step, outcome } = record;
  if (step.do !== "run" || journal === undefined || outcome === undefined || !("error" in outcome))
    return false;
  return describe(outcome.error) === "ERR_WORKER_EXIT" && journal.of(record.name).starts.length === 0;
}

/** What may still arrive for calls that had settled before. */
export function checkAgain(records: readonly CallRecord[], happened: Happened): Breach[] {
  return records.flatMap((record) => [...checkStarts(record, happened), ...checkProgress(record, happened)]);
}

function checkOutcome(record: CallRecord, happened: Happened): Breach[] {
  const { step, outcome } = record;
  if (outcome === undefined || record.isHanging) {
    return [breach("hang", record, "it to settle", `nothing; ${record.items.length} items came`)];
  }
  const facts = factsOf(record, happened);
  if (step.unread) return [];
  if (step.do === "map") return checkMap(record, facts).map((text) => breach("outcome", record, ...text));
  if (step.abort === "before" || record.wasClosing) return checkRefused(record, facts);
  if (step.do === "broadcast") return checkBroadcast(record, facts, happened);
  return checkTask(record, facts);
}

/** Never accepted, so it has no result of its own. */
function checkRefused(record: CallRecord, facts: Facts): Breach[] {
  const { outcome, step, isLeft } = record;
  if (isLeft) return [];
  const text = outcome !== undefined && "error" in outcome ? describe(outcome.error) : "no error";
  const isRight =
    (step.abort === "before" && text === facts.abortReason) ||
    (record.wasClosing && text === "ERR_POOL_CLOSED");
  return isRight ? [] : [breach("outcome", record, "a call that is rejected", text)];
}

function checkTask(record: CallRecord, facts: Facts): Breach[] {
  const { outcome, items, isLeft, step, shared, name } = record;
  const expected = expectedOf(step, name);
  const wrong = items.findIndex((item, i) => i >= expected.count || describe(item) !== expected.itemAt(i));
  if (wrong >= 0) {
    const right = wrong < expected.count ? expected.itemAt(wrong) : `no more than ${expected.count}`;
    return [breach("outcome", record, `item ${wrong} to be ${right}`, describe(items[wrong]))];
  }
  if (isLeft) return [];
  const came = endOf(outcome as NonNullable<typeof outcome>);
  const own = "value" in expected.end ? `value ${expected.end.value}` : `error ${expected.end.error}`;
  if (came === own) {
    if (items.length < expected.count) {
      return [breach("outcome", record, `${expected.count} items`, `${items.length} items, then ${came}`)];
    }
    if (
      shared !== undefined &&
      step.work.guilt === undefined &&
      "value" in expected.end &&
      shared.some((byte) => byte !== byteOf(name))
    ) {
      return [breach("outcome", record, `shared memory full of ${byteOf(name)}`, `${shared[0]}`)];
    }
    return [];
  }
  if (step.work.fails !== undefined && facts.isDeadly && came.startsWith("error")) return [];
  const error = came.startsWith("error ") ? came.slice("error ".length) : undefined;
  if (error !== undefined && isExcused(error, facts)) return [];
  return [breach("outcome", record, own, `${came}${traceText(facts)}`)];
}

function checkBroadcast(record: CallRecord, facts: Facts, { mostWorkers }: Happened): Breach[] {
  const outcome = record.outcome as NonNullable<typeof record.outcome>;
  const { end } = expectedOf(record.step, record.name);
  if ("error" in outcome) {
    const text = describe(outcome.error);
    const isRight = ("error" in end && text === end.error) || isExcused(text, facts);
    return isRight ? [] : [breach("outcome", record, "results of the workers", text)];
  }
  const results = outcome.value as unknown[];
  const most = mostWorkers(record);
  const wrong = results.map(describe).find((text) => !("value" in end) || text !== end.value);
  if (results.length <= most && wrong === undefined) return [];
  const received = wrong ?? `${results.length} results`;
  return [breach("outcome", record, `at most ${most} results, each ${Object.values(end)[0]}`, received)];
}

function checkStarts(record: CallRecord, { journal }: Happened): Breach[] {
  if (journal === undefined) return [];
  const { step } = record;
  const most = step.abort === "before" || record.wasClosing ? 0 : 1 + (step.options?.retries ?? 0);
  return tracesOf(record, journal).flatMap(({ starts }) => {
    // A broadcast is started in each worker.
    const groups = step.do === "broadcast" ? [...Map.groupBy(starts, ({ pid }) => pid).values()] : [starts];
    const found = groups.find((group) => group.length > most);
    return found === undefined ? [] : [breach("starts", record, `at most ${most} starts`, `${found.length}`)];
  });
}

function checkProgress(record: CallRecord, happened: Happened): Breach[] {
  const { step, progress, lateProgress, outcome, name } = record;
  if (!step.progress || step.do !== "run") return [];
  const isRetried = (step.options?.retries ?? 0) > 0;
  const isInOrder = progress.every((value, i) => value === i) || isRetried;
  if (!isInOrder) return [breach("progress", record, "0, 1, 2 …", describe(progress))];
  if (lateProgress > 0)
    return [breach("progress", record, "no progress once it has settled", `${lateProgress}`)];
  const isResolved = outcome !== undefined && "value" in outcome;
  const emitted = isResolved ? (step.work.emits ?? 0) : (happened.journal?.of(name).emits ?? 0);
  // A call that was aborted gets no more progress.
  const isHeard =
    isResolved ||
    (outcome !== undefined && "error" in outcome && describe(outcome.error) === "ERR_WORKER_EXIT");
  if (isHeard && !isRetried && progress.length < emitted) {
    return [breach("progress", record, `${emitted} values that were emitted`, `${progress.length}`)];
  }
  return [];
}

function checkListeners(record: CallRecord): Breach[] {
  const left = record.outcome === undefined ? 0 : listenersOf(record);
  return left === 0 ? [] : [breach("listeners", record, "no listener left on its signal", `${left}`)];
}

function factsOf(record: CallRecord, { journal, ...happened }: Happened): Facts {
  const { step, pool, settledAt = record.madeAt } = record;
  return {
    abortReason: describe(abortReason(step)),
    wasAborted: record.wasAborted === true,
    timeout: step.options?.timeout ?? pool.spec.timeout,
    queueTimeout: step.options?.queueTimeout ?? pool.spec.queueTimeout,
    retries: step.options?.retries ?? 0,
    madeAt: record.madeAt,
    settledAt,
    isMany: step.do === "map" || step.do === "broadcast",
    isChunked: (step.options?.chunk ?? 1) > 1,
    overlaps: (pool.spec.concurrentTasksPerWorker ?? 1) > 1,
    opensFile: step.work.reads?.of === "missing file",
    beginsUnseen: record.shared !== undefined || step.do === "stream",
    maxQueue: pool.spec.maxQueue,
    before: step.do === "map" ? Number.POSITIVE_INFINITY : record.before,
    wasRefused: record.wasClosing || (step.do === "map" && record.wasClosingAtEnd === true),
    wasCutShort: record.wasCutShort === true,
    isDeadly: happened.isDeadly,
    isBarren: happened.isBarren,
    isLooping: happened.isLooping,
    traces: journal === undefined ? undefined : tracesOf(record, journal),
  };
}

/** For the call, or for each of its items if it is a map. */
const tracesOf = ({ step, name }: CallRecord, journal: Journal): Trace[] =>
  step.do === "map" ? journal.under(name) : [journal.of(name)];

const endOf = (outcome: NonNullable<CallRecord["outcome"]>): string =>
  "value" in outcome ? `value ${describe(outcome.value)}` : `error ${describe(outcome.error)}`;

function traceText({ traces, madeAt, settledAt }: Facts): string {
  if (traces === undefined) return "";
  const count = (key: "starts" | "ends"): number => traces.reduce((sum, trace) => sum + trace[key].length, 0);
  const since = (at: number | undefined): string => (at === undefined ? "…" : `${Math.round(at - madeAt)}`);
  const times = traces.flatMap(({ starts, ends }) =>
    starts.map(
      ({ at }, i) =>
        `${since(at)} to ${since(ends[i]?.at)} (next start in its process ${since(ends[i]?.followedAt)})`,
    ),
  );
  const ran = times.length > 0 ? ` from ms ${times.slice(0, 3).join(", ")} on` : "";
  return `, at ms ${Math.round(settledAt - madeAt)}; started ${count("starts")} times, ended ${count("ends")} times${ran}`;
}

function breach(kind: Breach["kind"], record: CallRecord, expected: string, received: string): Breach {
  return { kind, what: `${record.step.do} ${record.name}`, expected, received };
}
