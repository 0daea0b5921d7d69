import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { addons } from "../addons/all";
import { pinnedSum, versions } from "../config/versions/pins";
import { GroundworkError } from "../config/groundworkError";
import type { VerbContext } from "./verb";
import { releaseSums, withSums } from "./releaseSums";
import type { Terminal } from "./terminal";

const DESCRIPTION = `Show the versions that this Groundwork pins, and the SHA-256 sums of the pinned k3s.

With --update the sums of the pinned k3s are fetched from its release over https and written into
config/versions/k3sSums.ts of this checkout: run it after the version in config/versions/pins.ts was changed, and commit both.`;

/** `groundwork versions`. */
export function addVersions(program: Command, { terminal }: VerbContext): void {
  program
    .command("versions")
    .summary("show the pinned versions and sums, or fetch the sums")
    .description(DESCRIPTION)
    .option("--update", "fetch the sums of the pinned k3s and write them into config/versions/k3sSums.ts")
    .option("--json", "print as JSON")
    .allowExcessArguments(false)
    .action(async ({ update, json }: { update?: boolean; json?: boolean }) => {
      if (update === true) await updateSums(join(__dirname, "..", "config", "versions", "k3sSums.ts"), fetch, terminal);
      else terminal.out(json === true ? `${JSON.stringify(shown(), undefined, 2)}\n` : versionsText());
    });
}

/**
 * Writes the sums of the pinned k3s into a checkout's file, whole or not at all.
 *
 * @throws GroundworkError
 */
export async function updateSums(file: string, get: typeof fetch, { out }: Pick<Terminal, "out">): Promise<void> {
  if (!existsSync(file)) {
    throw new GroundworkError(
      "usage",
      "--update works in a checkout: the published package has no config/versions/k3sSums.ts",
    );
  }
  const before = readFileSync(file, "utf8");
  const sums = await releaseSums(versions.k3s, get);
  const after = withSums(before, versions.k3s, sums);
  writeFileSync(`${file}.new`, after);
  renameSync(`${file}.new`, file);
  const lines = Object.entries(sums).map(([arch, sum]) => {
    const was = pinnedSum(versions.k3s, arch as keyof typeof sums);
    const note = was === undefined ? "new" : was === sum ? "as before" : `CHANGED, was ${was}`;
    return `  ${arch.padEnd(6)} ${sum} (${note})\n`;
  });
  out(`k3s ${versions.k3s}, written to ${file}:\n${lines.join("")}`);
}

/** Charts by the camel-case name of their add-on, images by their own. */
function shown(): { versions: Record<string, string>; k3sSha256: Record<string, string | null> } {
  const sum = (arch: "amd64" | "arm64"): string | null => pinnedSum(versions.k3s, arch) ?? null;
  const ofAddons = addons.map(({ name, chart, images }) => ({
    ...(chart === undefined ? {} : { [camelCase(name)]: chart.version }),
    ...images,
  }));
  return {
    versions: Object.assign({ ...versions }, ...ofAddons) as Record<string, string>,
    k3sSha256: { amd64: sum("amd64"), arm64: sum("arm64") },
  };
}

function camelCase(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function versionsText(): string {
  const pins: [string, string][] = [
    ["k3s", versions.k3s],
    ...addons.flatMap(({ chart }): [string, string][] => (chart === undefined ? [] : [[chart.chart, chart.version]])),
  ];
  const sums = (["amd64", "arm64"] as const).map((arch): [string, string] => [
    `k3s for ${arch}`,
    pinnedSum(versions.k3s, arch) ?? "not pinned: the release's own checksum file decides",
  ]);
  const width = Math.max(...pins.map(([name]) => name.length)) + 2;
  return [...pins, ...sums].map(([name, text]) => `${name.padEnd(width)}${text}\n`).join("");
}
