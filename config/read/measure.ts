import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import type { Measure, Measured } from "../upload";
import type { Architecture } from "../versions/k3sSums";

const CHUNK_BYTES = 1 << 20;
const ELF = Buffer.from("\x7fELF", "latin1");
/** `e_machine` (elf.h): EM_ARM, EM_X86_64, EM_AARCH64. */
const MACHINES = new Map<number, Architecture>([
  [40, "arm"],
  [62, "amd64"],
  [183, "arm64"],
]);

/** By path, size and times: one run asks more than once. */
const known = new Map<string, Measured>();

/**
 * Looks at files of this machine, chunk by chunk: archives are larger than what one wants in memory.
 *
 * @param directory The project's directory, where relative paths begin.
 * @param source How a file is named to whoever uploads it. Default: as the settings name it, which is the same on every machine.
 */
export function measureIn(directory: string, source: "as given" | "absolute" = "as given"): Measure {
  return (file) => {
    const path = resolve(directory, file);
    try {
      return measure(path, source === "absolute" ? path : file);
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      return code === "ENOENT" ? `${path} is not there` : `${path} cannot be read (${code})`;
    }
  };
}

function measure(path: string, source: string): Measured | string {
  const file = openSync(path, "r");
  try {
    const found = fstatSync(file);
    if (!found.isFile()) return `${path} is no file`;
    if (found.size === 0) return `${path} is empty`;
    const key = [path, found.ino, found.size, found.mtimeMs, found.ctimeMs].join(" ");
    const before = known.get(key);
    if (before !== undefined) return { ...before, source };
    const measured = { bytes: found.size, sha256: sumOf(file), builtFor: builtFor(file), source };
    known.set(key, measured);
    return measured;
  } finally {
    closeSync(file);
  }
}

/** By the machine in an ELF header, of which k3s's own are all little-endian. */
function builtFor(file: number): Architecture | undefined {
  const header = Buffer.alloc(20);
  if (readSync(file, header, 0, header.length, 0) < header.length || !header.subarray(0, 4).equals(ELF)) {
    return undefined;
  }
  return MACHINES.get(header.readUInt16LE(18));
}

function sumOf(file: number): string {
  const sum = createHash("sha256");
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) sum.update(chunk.subarray(0, read));
  return sum.digest("hex");
}
