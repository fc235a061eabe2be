/** The wording of numbers and runtimes, the same in the walk and the table. */

/** `1 file`, `2 files`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}

export function label(runtime: string, version: string | undefined): string {
  return version === undefined ? runtime : `${runtime} ${version}`;
}
