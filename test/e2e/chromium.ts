import * as fs from "node:fs";
import * as path from "node:path";
import type { Context } from "mocha";
import { chromium, type Browser } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A Chromium of this machine: the one that CHROMIUM names, or the first that PATH has. Nothing is downloaded. */
function findChromium(): string | undefined {
  const named = process.env["CHROMIUM"] ?? "";
  if (named !== "") return named;
  return (process.env["PATH"] ?? "")
    .split(path.delimiter)
    .flatMap((directory) => NAMES.map((name) => path.join(directory, name)))
    .find((file) => fs.existsSync(file));
}

/** Starts it for the tests of a suite, which are skipped with the reason where there is none. */
export async function startChromium(suite: Context): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    console.log(
      "    skipped: there is no Chromium on PATH; install one (Debian's package: chromium) or name it in CHROMIUM",
    );
    suite.skip();
  }
  // Chromium's own sandbox does not start as root.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return await chromium.launch({ executablePath, args });
}
