/** One value of the fidelity suite. */
export interface Sample {
  readonly title: string;
  readonly make: () => unknown;
}

export const sample = (title: string, make: () => unknown): Sample => ({ title, make });
