import * as fs from "node:fs";
import * as path from "node:path";
import { temporaryDirectory, type TemporaryDirectory } from "../process/temporaryDirectory";

const CHUNK_BYTES = 64 * 1024;

/** Values that wait for their reader in a file for this user only, first in, first out. It goes with the process. */
export class WaitingFile<Value> {
  readonly #directory: TemporaryDirectory;
  readonly #file: number;
  #read = 0;
  #written = 0;

  constructor() {
    this.#directory = temporaryDirectory();
    this.#file = fs.openSync(path.join(this.#directory.path, "waiting"), "wx+", 0o600);
  }

  get isEmpty(): boolean {
    return this.#read === this.#written;
  }

  /** @throws Error when the disk is full; nothing is added then. */
  add(value: Value): void {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
    if (fs.writeSync(this.#file, bytes, 0, bytes.length, this.#written) < bytes.length) throw new Error("disk full");
    this.#written += bytes.length;
  }

  /** The first ones, as many as fit into a chunk, but one at least; none when it is empty. */
  take(chunkBytes = CHUNK_BYTES): Value[] {
    if (this.isEmpty) return [];
    const bytes = Buffer.alloc(Math.min(chunkBytes, this.#written - this.#read));
    fs.readSync(this.#file, bytes, 0, bytes.length, this.#read);
    const end = bytes.lastIndexOf("\n");
    if (end === -1) return this.take(2 * chunkBytes);
    this.#read += end + 1;
    if (this.#read === this.#written) this.#startAgain();
    const lines = bytes.subarray(0, end).toString().split("\n");
    return lines.map((line) => JSON.parse(line) as Value);
  }

  remove(): void {
    fs.closeSync(this.#file);
    this.#directory.remove();
  }

  #startAgain(): void {
    fs.ftruncateSync(this.#file);
    this.#read = 0;
    this.#written = 0;
  }
}
