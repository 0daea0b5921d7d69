/** A file, directory or symbolic link to be put into a container. */
export interface TarEntry {
  /** Path without the leading slash; a directory's ends with one. At most 100 bytes. */
  readonly path: string;
  readonly mode: number;
  /** What is in a file; absent for a directory. */
  readonly content?: string | Buffer;
  /** User and group number of the owner. Default: 0. */
  readonly owner?: number;
}

const BLOCK = 512;

/** An archive in the ustar format (POSIX.1-1988), as `docker cp -` takes it. @throws RangeError for too long a path. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const content = typeof entry.content === "object" ? entry.content : Buffer.from(entry.content ?? "");
    return [header(entry, content.length), content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header(entry: TarEntry, size: number): Buffer {
  if (Buffer.byteLength(entry.path) > 100) throw new RangeError(`${entry.path}: a path of more than 100 bytes`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, "0")}\0`;
  block.write(entry.path, 0);
  block.write(octal(entry.mode, 7), 100);
  block.write(octal(entry.owner ?? 0, 7), 108);
  block.write(octal(entry.owner ?? 0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write("        ", 148);
  block.write(entry.path.endsWith("/") ? "5" : "0", 156);
  block.write("ustar\0" + "00", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
