/** The wording of numbers and runtimes, the same in the progress, the table and the verdict. */

const WHOLE = new Intl.NumberFormat("en-US");
const TENTHS = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export function whole(value: number): string {
  return WHOLE.format(value);
}

export function tenths(value: number): string {
  return TENTHS.format(value);
}

export function megabytes(bytes: number): number {
  return bytes / 1_000_000;
}

/** In the largest unit that leaves a whole part. */
export function size(bytes: number): string {
  if (bytes >= 1_000_000) return `${tenths(megabytes(bytes))} MB`;
  if (bytes >= 1_000) return `${tenths(bytes / 1_000)} kB`;
  return counted(bytes, "byte");
}

/** `1 file`, `2 files`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${whole(count)} ${count === 1 ? singular : plural}`;
}

/** The longest there is, such as `node 24.21.0`: what labels are aligned to. */
export const LABEL_WIDTH = 12;

export function label(runtime: string, version: string | undefined): string {
  return version === undefined ? runtime : `${runtime} ${version}`;
}
