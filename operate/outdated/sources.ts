import { parse } from "yaml";
import { z } from "zod";
import { GroundworkError } from "../../config/groundworkError";

/** k3s's own list of releases: the newest of each minor version, and which one it calls stable. */
export const K3S_CHANNELS = "https://update.k3s.io/v1-release/channels";

const TIMEOUT_MS = 30_000;
/** Pages of an OCI registry's tags that are read; a chart with more is not one that people maintain. */
const MAX_PAGES = 50;

const channelsSchema = z.object({ data: z.array(z.object({ id: z.string(), latest: z.string().optional() })) });
const indexSchema = z.object({ entries: z.record(z.string(), z.array(z.object({ version: z.string() }))) });
const tagsSchema = z.object({ tags: z.array(z.string()).nullable() });
const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** Where a chart's versions are listed. */
export interface ChartPlace {
  /** Name in the repository, or `oci://registry/path`. */
  readonly chart: string;
  /** URL of the repository; empty for an OCI reference. */
  readonly repo: string;
}

/** The newest release of each of k3s's channels, by the channel: `stable`, `v1.36`. @throws GroundworkError */
export async function k3sChannels(url: string, get: typeof fetch): Promise<ReadonlyMap<string, string>> {
  const { data } = await readJson(url, channelsSchema, get);
  return new Map(data.flatMap(({ id, latest }) => (latest === undefined ? [] : [[id, latest] as const])));
}

/** Every version of a chart that its repository or registry lists. @throws GroundworkError */
export async function chartVersions({ chart, repo }: ChartPlace, get: typeof fetch): Promise<string[]> {
  const reference = chart.startsWith("oci://") ? chart : repo.startsWith("oci://") ? `${repo}/${chart}` : undefined;
  if (reference !== undefined) return registryTags(reference.slice("oci://".length), get);
  const url = `${repo.replace(/\/+$/, "")}/index.yaml`;
  const index = read(url, indexSchema, parse(await (await answerOf(url, get)).text()));
  const versions = Object.hasOwn(index.entries, chart) ? index.entries[chart] : undefined;
  if (versions === undefined) throw failed(url, `it lists no chart '${chart}'`);
  return versions.map(({ version }) => version);
}

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags; a tag has '_' where a version has '+'. */
async function registryTags(reference: string, get: typeof fetch): Promise<string[]> {
  const [host = "", ...path] = reference.split("/");
  let url: string | undefined = `https://${host}/v2/${path.join("/")}/tags/list`;
  const headers: Record<string, string> = {};
  const found: string[] = [];
  for (let page = 0; url !== undefined && page < MAX_PAGES; page += 1) {
    const first: Response = await ask(url, get, headers);
    const challenge: string | null = first.status === 401 ? first.headers.get("www-authenticate") : null;
    if (challenge !== null) headers["authorization"] = `Bearer ${await guestToken(url, challenge, get)}`;
    const answer: Response = whole(url, challenge === null ? first : await ask(url, get, headers));
    found.push(...(read(url, tagsSchema, await bodyOf(url, answer)).tags ?? []));
    const next: string | undefined = /<([^>]+)>;\s*rel="?next"?/.exec(answer.headers.get("link") ?? "")?.[1];
    url = next === undefined ? undefined : new URL(next, url).href;
  }
  return found.map((tag) => tag.replace("_", "+"));
}

/** A token for anybody, as https://distribution.github.io/distribution/spec/auth/token/ gives it. */
async function guestToken(url: string, challenge: string, get: typeof fetch): Promise<string> {
  const part = (name: string): string | undefined => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1];
  const realm = part("realm");
  if (realm === undefined) throw failed(url, "it wants a login");
  const at = new URL(realm);
  for (const name of ["service", "scope"]) {
    const value = part(name);
    if (value !== undefined) at.searchParams.set(name, value);
  }
  const { token, access_token: other } = await readJson(at.href, tokenSchema, get);
  const given = token ?? other;
  if (given === undefined) throw failed(url, "it wants a login");
  return given;
}

async function readJson<T extends z.ZodType>(url: string, schema: T, get: typeof fetch): Promise<z.output<T>> {
  return read(url, schema, await bodyOf(url, await answerOf(url, get)));
}

function read<T extends z.ZodType>(url: string, schema: T, body: unknown): z.output<T> {
  const { data, success } = schema.safeParse(body);
  if (!success) throw failed(url, "the answer is not such a list");
  return data;
}

async function bodyOf(url: string, answer: Response): Promise<unknown> {
  try {
    return await answer.json();
  } catch {
    throw failed(url, "the answer is no JSON");
  }
}

async function answerOf(url: string, get: typeof fetch): Promise<Response> {
  return whole(url, await ask(url, get, {}));
}

function whole(url: string, answer: Response): Response {
  if (!answer.ok) throw failed(url, `HTTP ${answer.status}`);
  return answer;
}

async function ask(url: string, get: typeof fetch, headers: Readonly<Record<string, string>>): Promise<Response> {
  try {
    return await get(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    throw failed(url, cause instanceof Error ? cause.message : error instanceof Error ? error.message : String(error));
  }
}

function failed(url: string, reason: string): GroundworkError {
  return new GroundworkError("failed", `cannot read ${url}: ${reason}`);
}
