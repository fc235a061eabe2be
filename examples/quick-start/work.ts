/** A worker module is a plain module: every exported function is a task. */

export function add(a: number, b: number): number {
  return a + b;
}

export async function shout(text: string): Promise<string> {
  return `${text.toUpperCase()}!`;
}
