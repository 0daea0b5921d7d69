import type { Architecture } from "../config/versions/k3sSums";
import { GroundworkError } from "../config/groundworkError";
import { RELEASES } from "../config/versions/pins";

/** The release's binaries by architecture, as its checksum files name them. */
const BINARIES: Readonly<Record<"amd64" | "arm64", string>> = { amd64: "k3s", arm64: "k3s-arm64" };

export type Sums = Readonly<Partial<Record<Architecture, string>>>;

/**
 * The SHA-256 sums of a k3s release, from its own sha256sum-<arch>.txt.
 *
 * @param get Fetches over the network; a test gives its own.
 * @throws GroundworkError when one cannot be had, came over an unprotected connection, or is no sum.
 */
export async function releaseSums(version: string, get: typeof fetch): Promise<Sums> {
  const entries = await Promise.all(
    Object.entries(BINARIES).map(
      async ([arch, binary]) => [arch, await releasedSum(version, arch, binary, get)] as const,
    ),
  );
  return Object.fromEntries(entries);
}

/** config/versions/k3sSums.ts with the sums of one version in the place of all others. */
export function withSums(source: string, version: string, sums: Sums): string {
  const entries = Object.entries(sums).map(([arch, sum]) => `    ${arch}: ${JSON.stringify(sum)},\n`);
  const table = `= {\n  ${JSON.stringify(version)}: {\n${entries.join("")}  },\n};\n`;
  const origin = [
    ` * Those of ${version} are from ${RELEASES}/${encodeURIComponent(version)}/.`,
    " */\nexport const k3sSums",
  ].join("\n");
  const text = source
    .replace(/ \* Those of [^]*? \*\/\nexport const k3sSums/, () => origin)
    .replace(/= \{\n[^]*?\n\};\n/, () => table);
  if (text.includes(table) && text.includes(origin)) return text;
  throw new GroundworkError(
    "failed",
    "config/versions/k3sSums.ts does not look as 'groundwork versions --update' wrote it",
  );
}

async function releasedSum(version: string, arch: string, binary: string, get: typeof fetch): Promise<string> {
  const url = `${RELEASES}/${encodeURIComponent(version)}/sha256sum-${arch}.txt`;
  const text = await download(url, get);
  const sums = text.split("\n").flatMap((line) => {
    const [, sum, name] = /^([0-9a-f]{64}) [ *](\S+)$/.exec(line.trimEnd()) ?? [];
    return sum === undefined || name !== binary ? [] : [sum];
  });
  const [sum, ...others] = sums;
  if (sum !== undefined && others.length === 0) return sum;
  throw new GroundworkError("failed", `${url} has not one line for ${binary}; nothing was written`);
}

async function download(url: string, get: typeof fetch): Promise<string> {
  const failed = (reason: string): GroundworkError =>
    new GroundworkError("failed", `cannot get ${url}: ${reason}; nothing was written`);
  let answer: Response;
  try {
    answer = await get(url, { signal: AbortSignal.timeout(30_000) });
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    throw failed(cause instanceof Error ? cause.message : error instanceof Error ? error.message : String(error));
  }
  // The release's files lie elsewhere, and a redirection could leave https.
  if (!answer.url.startsWith("https://")) throw failed(`it was redirected to ${answer.url}`);
  if (!answer.ok) throw failed(`HTTP ${answer.status}`);
  return answer.text();
}
