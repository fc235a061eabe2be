/** The cost of a runtime that does nothing but wait for one timer: the baseline for an idle pool. */

/** Longer than the measurement; if nothing else ends it, it then ends by itself. */
setTimeout(() => {}, 120_000);
