/**
 * Whether calls hear output. Owns what the first of them changes: workers are started so that all they write passes through the
 * host, and those of which that is not true finish what they have and are replaced.
 */

/** What has to be known of a worker. */
export interface HeardWorker {
  readonly isHeard: boolean;
  retire(reason: "restarted"): void;
}

export class HeardOutput {
  isWanted = false;
  readonly #workers: () => readonly HeardWorker[];

  constructor(workers: () => readonly HeardWorker[]) {
    this.#workers = workers;
  }

  /** A call that hears output was accepted, and is to be handed out. */
  want(): void {
    if (this.isWanted) return;
    this.isWanted = true;
    for (const worker of this.#workers()) if (!worker.isHeard) worker.retire("restarted");
  }
}
