/** How much a graph may make its receiver reserve beyond the bytes that arrive: both sides keep to it. */

/** Of address space, for all resizable buffers of a value. */
export const MAX_RESERVED_BYTES: number = 2 ** 33;
/** What each of them counts besides its greatest length: a mapping of its own, of which a process has some 65,000. */
export const RESIZABLE_BYTES: number = 2 ** 20;
