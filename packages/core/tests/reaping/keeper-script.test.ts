/** The real script under the real shells of this machine: whom it kills when its host is silent, and whom not. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, vi } from "vitest";
import { KEEPER_SCRIPT } from "../../src/reaping/keeper-script.ts";
import { endGroups, isSpared, startGroup, startLeader } from "../support/real-processes.ts";
import { describeShells, SHELLS } from "../support/shells.ts";

const SLEEPER = "echo ready; exec sleep 300";
/** Nobody on this machine has it. */
const MARK = `REAPOOL_test${process.pid}k${Date.now().toString(36)}`;
const NUMBER = 7;
/** The test gives signs of life itself, and may have to wait for its turn. */
const LEASE_MS = 4_000;
const LONGER_MS = 4_500;

const tableOf = (...lines: string[]) => lines.map((line) => `${line.padEnd(63)}\n`).join("");
const head = (count: number, number = NUMBER) => `beats ${number} ${count}`;

const folders: string[] = [];
afterEach(async () => {
  await endGroups();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function startKeeper([file, ...args]: readonly string[], ...lines: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "keeper-script-"));
  folders.push(folder);
  const path = join(folder, "leases");
  writeFileSync(path, tableOf(...lines));
  const write = (...now: string[]) => writeFileSync(path, tableOf(...now), { flag: "r+" }); // as the host does
  const { pid, ended } = startGroup(
    file as string,
    [...args, "-c", KEEPER_SCRIPT, "reapool-keeper", folder, MARK, String(NUMBER), "0.05", "50"],
    ["ignore", "ignore", "ignore"],
  );
  return { pid, ended, folder, write };
}

/** How often the process has waited for something: that it goes on looking. */
const waits = (pid: number) =>
  Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

/** Until it has looked some times more. */
async function untilItHasLooked(pid: number): Promise<void> {
  const before = waits(pid);
  await vi.waitUntil(() => waits(pid) > before + 10, { timeout: 30_000 });
}

const startOf = (pid: number) =>
  readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ")[19] as string;

const startAll = (count: number) => Promise.all(Array.from({ length: count }, () => startLeader(SLEEPER)));

describeShells(SHELLS, (inShell, shell) => {
  inShell("kills who is held when its host is silent for the lease, notes it, and nobody else", async () => {
    const [due, unknown, resting, patient, stranger, torn] = (await startAll(6)) as [
      ...[Started, Started, Started],
      ...[Started, Started, Started],
    ];
    const { folder, pid } = startKeeper(
      shell,
      head(1),
      `1 ${due.pid} - 100 ${startOf(due.pid)} ;`,
      "",
      `1 ${unknown.pid} 5 100 - ;`,
      `0 ${resting.pid} - 100 ${startOf(resting.pid)} ;`,
      `1 ${patient.pid} - 600000 ${startOf(patient.pid)} ;`,
      `1 ${stranger.pid} - 100 1 ;`, // the number was given to another
      `1 ${torn.pid} - 100`,
      "1 1 - 100 - ;",
      "1 tree - 100 - ;",
    );
    expect(await due.ended).toBe("SIGKILL");
    expect(await unknown.ended).toBe("SIGKILL");
    await untilItHasLooked(pid);
    expect(existsSync(join(folder, `lapsed-${due.pid}`))).toBe(true);
    expect(existsSync(join(folder, `lapsed-${unknown.pid}`))).toBe(true);
    expect(existsSync(join(folder, `lapsed-${resting.pid}`))).toBe(false);
    for (const spared of [resting, patient, stranger, torn]) expect(await isSpared(spared)).toBe(true);
  });

  inShell("kills nobody while its host gives signs of life, and who is held later only then", async () => {
    const [first] = (await startAll(1)) as [Started];
    const line = (held: 0 | 1) => `${held} ${first.pid} - ${LEASE_MS} ${startOf(first.pid)} ;`;
    const { write, pid } = startKeeper(shell, head(1), line(1));
    let count = 1;
    for (const end = performance.now() + LONGER_MS; performance.now() < end; ) {
      write(head(++count), line(1));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    write(head(++count), line(0)); // it rests, and the host may be silent
    await untilItHasLooked(pid);
    await new Promise((resolve) => setTimeout(resolve, LONGER_MS));
    expect(existsSync(`/proc/${first.pid}`)).toBe(true);
    write(head(++count), line(1));
    expect(await first.ended).toBe("SIGKILL");
  });

  inShell("ends what bears the mark of the worker, and not what bears another's", async () => {
    const [own, other] = (await Promise.all(
      [5, 55].map((value) => startLeader(`${MARK}=${value} sh -c 'echo ready; exec sleep 300'`)),
    )) as [Started, Started];
    const [worker] = (await startAll(1)) as [Started];
    startKeeper(shell, head(1), `1 ${worker.pid} 5 100 ${startOf(worker.pid)} ;`);
    expect(await worker.ended).toBe("SIGKILL");
    await vi.waitUntil(() => !existsSync(`/proc/${own.pid}`), { timeout: 30_000 });
    expect(await isSpared(other)).toBe(true);
  });

  inShell("leaves when another keeper is wanted, or none, or when the table can't be read", async () => {
    const [worker] = (await startAll(1)) as [Started];
    const line = `1 ${worker.pid} - 100 ${startOf(worker.pid)} ;`;
    expect(await startKeeper(shell, head(1, NUMBER + 1), line).ended).toBe(0);
    expect(await startKeeper(shell, head(1, 0), line).ended).toBe(0);
    expect(await startKeeper(shell).ended).toBe(0);
    const kept = startKeeper(shell, head(1), line.replace("100", "600000"));
    await untilItHasLooked(kept.pid);
    kept.write(head(2, 0));
    expect(await kept.ended).toBe(0);
    expect(await isSpared(worker)).toBe(true);
  });

  inShell("is deaf to signals that are sent to every process", async () => {
    const { pid, ended, write } = startKeeper(shell, head(1));
    await untilItHasLooked(pid);
    for (const signal of ["SIGHUP", "SIGINT", "SIGTERM", "SIGUSR1"]) process.kill(pid, signal);
    await untilItHasLooked(pid);
    write(head(1, 0));
    expect(await ended).toBe(0);
  });
});

type Started = Awaited<ReturnType<typeof startLeader>>;
