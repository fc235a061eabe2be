/** The files of the port, by `node:fs`. */
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Access, bare, type FileIdentity, type Folder, type OpenFile } from "@reapool/core";
import { writeAt } from "./write-at.ts";

export function makeFolder(parent: string = tmpdir()): Folder {
  const path = mkdtempSync(join(resolve(parent), "reapool-"), bare({ encoding: "utf8" })); // 0700
  const remove = () => {
    process.off("exit", remove);
    try {
      rmSync(path, bare({ recursive: true, force: true }));
    } catch {
      // out of descriptors, say
    }
  };
  process.once("exit", remove);
  return { path, remove };
}

/** Whatever waits under the name may belong to somebody else: neither a link is followed, nor a pipe waited for. */
const OWN_FILE = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export function openFile(path: string): OpenFile {
  const descriptor = openSync(path, OWN_FILE, 0o600);
  if (!fstatSync(descriptor).isFile()) {
    closeSync(descriptor);
    throw new Error(`Expected a regular file at ${path}`);
  }
  return {
    write: (bytes, at) => writeAt(descriptor, bytes, at),
    read: (bytes, at) => {
      try {
        return readSync(descriptor, bytes, 0, bytes.length, at);
      } catch {
        return 0;
      }
    },
    close: () => closeSync(descriptor),
  };
}

export function share(path: string, access: Access): void {
  const { mode, uid, gid } = bare(access);
  if (uid !== undefined || gid !== undefined) chownSync(path, uid ?? -1, gid ?? -1);
  if (mode !== undefined) chmodSync(path, mode);
}

export function removeFile(path: string): void {
  try {
    rmSync(path, bare({ recursive: false }));
  } catch {
    // it is gone already
  }
}

export function readFile(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path, bare({ encoding: null, flag: "r" }));
  } catch {
    return undefined;
  }
}

export function fileAt(path: string): FileIdentity | undefined {
  try {
    const found = statSync(path);
    return { id: `${found.dev}:${found.ino}`, owner: found.uid, isFolder: found.isDirectory() };
  } catch {
    return undefined;
  }
}

export function listFolder(path: string): readonly string[] | undefined {
  try {
    return readdirSync(path, bare({ encoding: "utf8", withFileTypes: false }));
  } catch {
    return undefined;
  }
}
