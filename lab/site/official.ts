import { chmodSync, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { LabError, messageOf } from "../error";
import type { Progress } from "../progress";
import { architecture, assetName, sha256 } from "./release";

export const OFFICIAL_RELEASES = "https://github.com/k3s-io/k3s/releases/download";

/** The sum of a file in the text of a checksum file (`<sum>  <name>` lines), or undefined. */
export function sumOf(text: string, name: string): string | undefined {
  for (const line of text.split("\n")) {
    const [sum, file] = line.trim().split(/\s+\*?/);
    if (file === name && sum !== undefined && /^[0-9a-f]{64}$/.test(sum)) return sum;
  }
  return undefined;
}

/**
 * The official binary of a release, fetched once into the cache and checked against the release's own sums.
 *
 * @throws LabError when it cannot be reached, does not exist, or is not what its sum says.
 */
export async function officialBinary(
  cache: string,
  version: string,
  progress: Progress,
  base: string = OFFICIAL_RELEASES,
): Promise<string> {
  const arch = architecture();
  const asset = assetName(arch);
  const path = join(cache, "k3s", version, asset);
  if (existsSync(path)) return path;
  const url = `${base}/${encodeURIComponent(version)}`;
  await progress.step(`official k3s ${version}`, async (tell) => {
    const sums = await (await get(`${url}/sha256sum-${arch}.txt`, version)).text();
    const wanted = sumOf(sums, asset);
    if (wanted === undefined) throw new LabError(`the sums of k3s ${version} do not name ${asset}`);
    mkdirSync(dirname(path), { recursive: true });
    const unfinished = `${path}.${String(process.pid)}.unfinished`;
    try {
      await save(await get(`${url}/${asset}`, version), unfinished, tell);
      if ((await sha256(unfinished)) !== wanted) {
        throw new LabError(`k3s ${version} came damaged (its SHA-256 is not the release's)`, "repeat the command");
      }
      chmodSync(unfinished, 0o755);
      renameSync(unfinished, path);
    } finally {
      rmSync(unfinished, { force: true });
    }
  });
  return path;
}

async function get(url: string, version: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(600_000) });
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
    throw new LabError(
      `the official releases of k3s cannot be reached (${cause})`,
      "use hollow k3s (--k3s hollow), or --k3s FILE with a binary that you brought along",
    );
  }
  if (response.ok) return response;
  throw new LabError(`k3s ${version} cannot be fetched: ${new URL(url).host} answers ${String(response.status)}`);
}

async function save(response: Response, path: string, tell: (detail: string) => void): Promise<void> {
  if (response.body === null) throw new LabError("the release's server sent nothing");
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      tell(`${(bytes / 1024 ** 2).toFixed(0)} MiB`);
      done(undefined, chunk);
    },
  });
  // fetch's stream type and node:stream/web's are the same thing under two declarations.
  await pipeline(Readable.fromWeb(response.body), counted, createWriteStream(path));
}
