/** The files of the port, read and written by position, and nothing but files; and what a worker makes of its own. */
import {
  assert,
  assertEqual,
  type ContractCase,
  rejection,
  shell,
  within,
  withPool,
} from "../contract-case.ts";

function assertRefused(open: () => unknown, what: string): void {
  try {
    open();
  } catch {
    return;
  }
  throw new Error(`Expected ${what} to be no file`);
}

export const fileCases: readonly ContractCase[] = [
  {
    name: "files: an open file is written and read by position, also once its name is gone",
    async run({ runtime }) {
      const { stdout: path } = await shell(runtime, "f=$(mktemp) && printf abcdef > $f && printf '%s' $f");
      const file = runtime.openFile(path);
      const read = (length: number, at: number) => {
        const bytes = new Uint8Array(length);
        return new TextDecoder().decode(bytes.subarray(0, file.read(bytes, at)));
      };
      file.write(new TextEncoder().encode("XY"), 2);
      assertEqual([read(6, 0), read(2, 3), read(9, 4), read(4, 6)], ["abXYef", "Ye", "ef", ""], "content");
      runtime.removeFile(path);
      runtime.removeFile(path); // must not throw
      assert(runtime.readFile(path) === undefined, "Expected the file to be gone");
      assertEqual(read(2, 0), "ab", "content of what has no name");
      file.close();
    },
  },
  {
    name: "files: what is no regular file is not opened, and keeps nobody waiting: pipe, folder, device, link",
    async run({ runtime }) {
      const made = `d=$(mktemp -d) && cd $d && mkfifo pipe && mkdir folder && printf x > file && ln -s file link &&
        ln -s /dev/zero zeros && ln -s nowhere dangling && printf %s $d`;
      const { stdout: folder } = await shell(runtime, made);
      try {
        for (const name of ["pipe", "folder", "link", "zeros", "dangling"]) {
          assertRefused(() => runtime.openFile(`${folder}/${name}`), name);
        }
        assertRefused(() => runtime.openFile("/dev/null"), "a device");
        const left = await shell(runtime, `cd '${folder}' && cat file && ls`);
        assertEqual(left.stdout, "xdangling\nfile\nfolder\nlink\npipe\nzeros\n", "what was there");
        const file = runtime.openFile(`${folder}/file`);
        await shell(runtime, `truncate -s 2G '${folder}/file'`);
        const bytes = new Uint8Array(4);
        assertEqual([file.read(bytes, 0), [...bytes]], [4, [120, 0, 0, 0]], "read of a file of 2 GiB");
        file.close();
      } finally {
        await shell(runtime, `rm -r '${folder}'`);
      }
    },
  },
  {
    name: "hostile: a worker that puts something else where its journal is, or behind it, and dies, harms nobody",
    async run(subject) {
      const { runtime } = subject;
      const options = { maxWorkers: 1, restart: { intensity: 99, backoff: { initial: 1 } } };
      await withPool(subject, options, async (pool) => {
        for (const [what, made] of REPLACEMENTS) {
          const died = rejection(pool.run("dieBehind", [made]), "ERR_WORKER_EXIT");
          const error = await within(runtime, 20_000, died, `the death of a worker behind ${what}`);
          assertEqual(error.signal, "SIGKILL", `how it ended, behind ${what}`);
          assertEqual(await pool.run("add", [1, 2]), 3, `the next one, behind ${what}`);
        }
      });
    },
  },
];

/** A shell's way to make it, with the journal's path in `$1`. */
const REPLACEMENTS: readonly (readonly [what: string, script: string])[] = [
  ["a pipe", 'rm "$1" && mkfifo "$1"'],
  ["a folder that is not empty", 'rm "$1" && mkdir -p "$1/sub"'],
  ["a link to an endless device", 'rm "$1" && ln -s /dev/zero "$1"'],
  ["another file", 'rm "$1" && printf xxxxxxxxxxxxxxxxxx > "$1"'],
  ["nothing", 'rm "$1"'],
  ["2 GiB", 'truncate -s 2G "$1"'],
  ["an empty file", ': > "$1"'],
];
