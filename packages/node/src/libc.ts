/** libc from Node: through `node:ffi` or koffi. */
import { type Libc, openFirst } from "@reapool/core";
import { type Call, hasFfi, lacking, loadFfi, loadKoffi } from "./foreign-functions.ts";

export function canOpenLibc(): boolean {
  return lacking() === undefined;
}

export function openLibc(): Libc | string {
  return lacking() ?? openFirst(hasFfi() ? openByFfi : openByKoffi);
}

function openByFfi(name: string): Libc {
  const ffi = loadFfi();
  const { waitid, getsid, prctl } = ffi.dlopen(name, {
    waitid: { arguments: ["int32", "int32", "buffer", "int32"], return: "int32" },
    getsid: { arguments: ["int32"], return: "int32" },
    prctl: { arguments: ["int32", "pointer", "uint64", "uint64", "uint64"], return: "int32" },
  }).functions as Record<"waitid" | "getsid" | "prctl", Call>;
  const toPointer = (argument: number | Uint8Array) =>
    typeof argument === "number" ? BigInt(argument) : ffi.getRawPointer(argument);
  return {
    waitid: (idType, id, info, options) => Number(waitid(idType, id, info, options)),
    getsid: (pid) => Number(getsid(pid)),
    prctl: (option, argument) => Number(prctl(option, toPointer(argument), 0n, 0n, 0n)),
  };
}

function openByKoffi(name: string): Libc {
  const libc = loadKoffi().load(name);
  const waitid = libc.func("int waitid(int, int, void *, int)");
  const getsid = libc.func("int getsid(int)");
  const prctlWith = (type: string) =>
    libc.func("prctl", "int", ["int", type, "unsigned long", "unsigned long", "unsigned long"]);
  const setByPrctl = prctlWith("unsigned long");
  const getByPrctl = prctlWith("void *");
  return {
    waitid: (idType, id, info, options) => Number(waitid(idType, id, info, options)),
    getsid: (pid) => Number(getsid(pid)),
    prctl: (option, argument) =>
      Number((typeof argument === "number" ? setByPrctl : getByPrctl)(option, argument, 0, 0, 0)),
  };
}
