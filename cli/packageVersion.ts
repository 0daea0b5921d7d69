import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** This package's own version. */
export function packageVersion(): string {
  // The sources lie one level below package.json, the built files two.
  const file = ["..", "../.."].map((up) => join(__dirname, up, "package.json")).find((each) => existsSync(each));
  return file === undefined ? "unknown" : (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
