import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { GroundworkError } from "../config/groundworkError";
import type { Kubectl } from "./kubectl";

/** One revision of a Helm release, by the labels of the Secret that Helm keeps it in. */
export interface ReleaseRevision {
  readonly namespace: string;
  readonly secret: string;
  readonly name: string;
  readonly revision: number;
  /** Helm's words: `deployed`, `superseded`, `failed`, `pending-upgrade`… */
  readonly status: string;
}

/** What a release's Secret says of its chart. */
export interface ReleaseChart {
  readonly name: string;
  readonly version: string;
}

const COLUMNS =
  '{range .items[*]}{.metadata.namespace}|{.metadata.name}|{.metadata.labels.name}|{.metadata.labels.version}|{.metadata.labels.status}{"\\n"}{end}';

/**
 * The newest revision of every Helm release of the cluster. Asks for labels only: the Secrets hold the charts' values.
 *
 * @throws GroundworkError where the API does not answer.
 */
export async function newestReleases(kubectl: Kubectl): Promise<ReleaseRevision[]> {
  const text = await kubectl.text(["get", "secrets", "-A", "-l", "owner=helm", "-o", `jsonpath=${COLUMNS}`]);
  return newestOf(text);
}

/** Reads the lines that {@link newestReleases} asks for. */
export function newestOf(text: string): ReleaseRevision[] {
  const newest = new Map<string, ReleaseRevision>();
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const [namespace = "", secret = "", name = "", revision = "", status = ""] = line.split("|");
    const one = { namespace, secret, name, revision: Number(revision), status };
    const key = `${namespace}/${name}`;
    if ((newest.get(key)?.revision ?? -1) < one.revision) newest.set(key, one);
  }
  return [...newest.values()];
}

/**
 * The chart of a revision, from the Secret itself; nothing else of it is kept.
 *
 * @throws GroundworkError where it cannot be had or read.
 */
export async function chartOf(kubectl: Kubectl, { namespace, secret, name }: ReleaseRevision): Promise<ReleaseChart> {
  const data = await kubectl.text(["get", "secret", "-n", namespace, secret, "-o", "jsonpath={.data.release}"]);
  const chart = chartIn(data);
  if (chart === undefined) {
    throw new GroundworkError("failed", `the Secret ${namespace}/${secret} of release ${name} cannot be read`);
  }
  return chart;
}

const stored = z.object({ chart: z.object({ metadata: z.object({ name: z.string(), version: z.string() }) }) });

/** The chart in a Secret's data; undefined where it cannot be read. */
export function chartIn(data: string): ReleaseChart | undefined {
  try {
    return stored.parse(unpacked(data)).chart.metadata;
  } catch {
    return undefined; // the caller says whose it is, and nothing of what is in it
  }
}

/**
 * What Helm keeps in a Secret's data: JSON in gzip in base64 (pkg/storage/driver/util.go), and in base64 again as any Secret's.
 *
 * @throws Error where it is something else.
 */
export function unpacked(data: string): unknown {
  const packed = Buffer.from(Buffer.from(data, "base64").toString(), "base64");
  const text = packed.subarray(0, 3).equals(GZIP) ? gunzipSync(packed) : packed;
  return JSON.parse(text.toString());
}

const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);
