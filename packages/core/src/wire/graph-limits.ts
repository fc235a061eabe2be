/** How much memory a graph may make its receiver reserve beyond the bytes that arrive. Both sides obey it. */

/** Address space for all the resizable buffers of a value. */
export const MAX_RESERVED_BYTES: number = 2 ** 33;
/** What each one counts besides its maximum length: a mapping of its own, of which a process can have some 65,000. */
export const RESIZABLE_BYTES: number = 2 ** 20;
