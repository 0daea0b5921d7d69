import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

/**
 * `npm run build`: what the published package has, under dist/. Runs by itself before `npm pack` and `npm publish`. The
 * scripts that hosts are sent go along: the compiler leaves them behind.
 */

const ROOT = path.join(__dirname, "..");
const SHELL = [path.join("components", "k3s", "scripts"), path.join("desired", "host")];

/** Copies the shell scripts to their places in a directory; where nothing is compiled, the compiler made no folder. */
export function copyScripts(into: string): void {
  for (const directory of SHELL) {
    fs.mkdirSync(path.join(into, directory), { recursive: true });
    for (const file of fs.readdirSync(path.join(ROOT, directory)).filter((name) => name.endsWith(".sh"))) {
      fs.copyFileSync(path.join(ROOT, directory, file), path.join(into, directory, file));
    }
  }
}

if (require.main === module) {
  const dist = path.join(ROOT, "dist");
  fs.rmSync(dist, { recursive: true, force: true });
  const compiler = require.resolve("typescript/bin/tsc");
  execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], { cwd: ROOT, stdio: "inherit" });
  copyScripts(dist);
}
