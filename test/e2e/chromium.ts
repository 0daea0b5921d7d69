import * as fs from "node:fs";
import * as path from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A Chromium of this machine: the one that CHROMIUM names, or the first that PATH has. Nothing is downloaded. */
export function findChromium(): string | undefined {
  const named = process.env["CHROMIUM"] ?? "";
  if (named !== "") return named;
  return (process.env["PATH"] ?? "")
    .split(path.delimiter)
    .flatMap((directory) => NAMES.map((name) => path.join(directory, name)))
    .find((file) => fs.existsSync(file));
}
