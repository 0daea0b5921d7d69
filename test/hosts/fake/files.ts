import * as fs from "node:fs";
import { dirname, join } from "node:path";

/** The files of a sandbox, seen from outside through its first process's root. */
export class Files {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  at(path: string): string {
    return join(this.root, path);
  }

  exists(path: string): boolean {
    return fs.existsSync(this.at(path));
  }

  /** Its text, or undefined where there is no such file. */
  read(path: string): string | undefined {
    try {
      return fs.readFileSync(this.at(path), "utf8");
    } catch {
      return undefined;
    }
  }

  bytes(path: string): Buffer | undefined {
    try {
      return fs.readFileSync(this.at(path));
    } catch {
      return undefined;
    }
  }

  write(path: string, text: string | Uint8Array, mode = 0o644): void {
    this.makeDirectory(dirname(path));
    fs.writeFileSync(this.at(path), text);
    fs.chmodSync(this.at(path), mode);
  }

  /** A file that is no text. */
  writeBytes(path: string, bytes: Uint8Array): void {
    this.makeDirectory(dirname(path));
    fs.writeFileSync(this.at(path), bytes);
  }

  makeDirectory(path: string): void {
    fs.mkdirSync(this.at(path), { recursive: true });
  }

  list(path: string): string[] {
    return this.exists(path) ? fs.readdirSync(this.at(path)).sort() : [];
  }

  remove(path: string): void {
    try {
      fs.rmSync(this.at(path), { recursive: true, force: true });
    } catch (error) {
      // Node has no code for it where it removes a directory.
      throw String(error).includes("Read-only file system")
        ? Object.assign(new Error("EROFS"), { code: "EROFS" })
        : error;
    }
  }

  /** @returns whether it is gone. */
  tryRemove(path: string): boolean {
    try {
      this.remove(path);
      return true;
    } catch {
      return false;
    }
  }

  move(path: string, to: string): void {
    fs.renameSync(this.at(path), this.at(to));
  }

  link(path: string, target: string): void {
    this.makeDirectory(dirname(path));
    fs.symlinkSync(target, this.at(path));
  }

  /** Every file, directory and link below a path, with mode and content: `path` to a line that tells it. */
  tree(...tops: readonly string[]): Map<string, string> {
    const found = new Map<string, string>();
    const visit = (path: string): void => {
      const stat = fs.lstatSync(this.at(path), { throwIfNoEntry: false });
      if (stat === undefined) return;
      const mode = (stat.mode & 0o7777).toString(8);
      if (stat.isSymbolicLink()) found.set(path, `link to ${fs.readlinkSync(this.at(path))}`);
      else if (stat.isDirectory()) {
        found.set(path, `directory ${mode}`);
        for (const name of fs.readdirSync(this.at(path))) visit(join(path, name));
      } else if (stat.isFile()) found.set(path, `file ${mode}\n${fs.readFileSync(this.at(path), "latin1")}`);
    };
    for (const top of tops) visit(top);
    return found;
  }
}
