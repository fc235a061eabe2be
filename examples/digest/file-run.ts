/**
 * Runs files through a pool: one task for a file's digest, and one for each part of it that is compressed. Keeps
 * enough files under way to keep every worker busy. Owns the results; not when to stop or what they mean.
 */
import type { Pool } from "reapool";
import type { InputFile } from "./messages.ts";
import type { TaskLedger } from "./task-ledger.ts";
import type * as Work from "./work.ts";

/** Brotli at its best takes 0.1 s for this much: a task must end well before the next kill. */
const PART_BYTES = 64 * 1024;
const FILES_PER_WORKER = 4;

export class FileRun {
  readonly digests: Map<string, Work.Digest> = new Map();
  /** Files with all their results. */
  complete = 0;
  brotliBytes = 0;
  readonly #pool: Pool<typeof Work>;
  readonly #brotliQuality: number;
  readonly #ledger: TaskLedger;
  readonly #waiting: IterableIterator<InputFile>;
  #isStopped = false;

  constructor(
    pool: Pool<typeof Work>,
    files: readonly InputFile[],
    brotliQuality: number,
    ledger: TaskLedger,
  ) {
    this.#pool = pool;
    this.#brotliQuality = brotliQuality;
    this.#ledger = ledger;
    this.#waiting = files.values();
  }

  /** Resolves when every file has succeeded or failed. Never rejects. */
  async process(workers: number): Promise<void> {
    await Promise.all(Array.from({ length: workers * FILES_PER_WORKER }, () => this.#processInTurn()));
  }

  /** Takes no further file. */
  stop(): void {
    this.#isStopped = true;
  }

  async #processInTurn(): Promise<void> {
    // All turns draw from the one iterator.
    for (const file of this.#waiting) {
      if (this.#isStopped) return;
      await this.#processFile(file);
    }
  }

  async #processFile(file: InputFile): Promise<void> {
    const { proxy } = this.#pool;
    const [digest, ...sizes] = await Promise.all([
      this.#ledger.see(file.path, () => proxy.digest(file.path)),
      ...partsOf(file).map(({ from, length }) =>
        this.#ledger.see(file.path, () => proxy.brotliSize(file.path, from, length, this.#brotliQuality)),
      ),
    ]);
    if (digest !== undefined) this.digests.set(file.path, digest);
    if (digest !== undefined && !sizes.includes(undefined)) this.complete++;
    for (const size of sizes) this.brotliBytes += size ?? 0;
  }
}

/** An empty file has one empty part. */
function partsOf({ bytes }: InputFile): { from: number; length: number }[] {
  return Array.from({ length: countParts(bytes) }, (_, index) => {
    const from = index * PART_BYTES;
    return { from, length: Math.min(PART_BYTES, bytes - from) };
  });
}

function countParts(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / PART_BYTES));
}

/** How many tasks a run over these files has. */
export function countTasks(files: readonly InputFile[]): number {
  return files.reduce((sum, { bytes }) => sum + 1 + countParts(bytes), 0);
}
