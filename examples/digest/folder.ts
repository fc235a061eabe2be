/** The input: every regular file under a folder. Symbolic links inside it are not followed. */
import { constants } from "node:fs";
import { access, readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { InputFile } from "./messages.ts";

export interface Input {
  /** The folder itself, resolved through symbolic links. */
  readonly folder: string;
  readonly files: readonly InputFile[];
  readonly bytes: number;
}

/** What is wrong with the folder, shown to the user as it is. */
export class InputError extends Error {
  override name = "InputError";
}

export async function readInput(folder: string, interrupt: AbortSignal): Promise<Input> {
  const info = await orExplain(stat(folder), `Cannot find the folder ${folder}`);
  if (!info.isDirectory()) throw new InputError(`Expected a folder, received ${folder}, which is not one`);
  const root = await realpath(folder);
  const files: InputFile[] = [];
  for await (const path of regularFiles(root)) {
    interrupt.throwIfAborted();
    await orExplain(access(path, constants.R_OK), `Cannot read the file ${path}`);
    files.push({ path, bytes: (await orExplain(stat(path), `Cannot read the file ${path}`)).size });
  }
  if (files.length === 0) {
    throw new InputError(
      `Expected at least one file under ${folder}, found none; symbolic links are not followed`,
    );
  }
  return { folder: root, files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

async function* regularFiles(folder: string): AsyncGenerator<string> {
  const entries = await orExplain(
    readdir(folder, { withFileTypes: true }),
    `Cannot read the folder ${folder}`,
  );
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* regularFiles(path);
    else if (entry.isFile()) yield path;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ELOOP: "its symbolic links go in circles",
  ENOTDIR: "a part of its path is not a folder",
};

async function orExplain<T>(work: Promise<T>, failure: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new InputError(`${failure}: ${REASONS[code] ?? message}`, { cause: error });
  }
}
