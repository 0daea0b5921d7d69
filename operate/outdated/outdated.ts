import { addons } from "../../addons/all";
import { resourcesOf, type DesiredRelease } from "../../addons/resources";
import { oldestServer } from "../../config/checks/versions";
import type { Settings } from "../../config/settings";
import { k3sVersionOf } from "../../config/versions/pins";
import type { DesiredInside } from "../../desired/cluster";
import { judgeChart, judgeK3s, type Freshness, type Judged } from "./judge";
import { chartVersions, k3sChannels } from "./sources";

export interface OutdatedOptions {
  /** Where k3s's releases are listed. */
  readonly channels: string;
  /** Asks over the network; a test gives its own. */
  readonly get: typeof fetch;
}

/** What a stack has in versions, and what is newer. What could not be asked says so in its notes, and has no `newest`. */
export async function outdated(
  settings: Settings,
  { groups }: Pick<DesiredInside, "groups">,
  { channels, get }: OutdatedOptions,
): Promise<Freshness[]> {
  const server = oldestServer(settings);
  const kubernetes = server && `v${server.major}.${server.minor}.${server.patch}`;
  const releases = resourcesOf(groups).filter((one) => one.is === "release");
  return (
    await Promise.all([
      k3sOf(settings, channels, get),
      ...releases.map(async (release) => [await releaseOf(release, settings, kubernetes, get)]),
    ])
  ).flat();
}

async function k3sOf(settings: Settings, url: string, get: typeof fetch): Promise<Freshness[]> {
  const nodes = settings.nodes.map((node) => ({ name: node.name, version: k3sVersionOf(settings, node) }));
  const versions = [...new Set(nodes.map(({ version }) => version))];
  if (versions.length === 0) return [];
  const setting = (version: string): string =>
    version === settings.k3s.version ? "k3s.version" : "nodes[].k3sVersion";
  try {
    const list = await k3sChannels(url, get);
    return versions.map((version) => ({ name: "k3s", setting: setting(version), ...judgeK3s(version, list) }));
  } catch (error) {
    return versions.map((version) => ({ name: "k3s", setting: setting(version), ...unread(version, error) }));
  }
}

async function releaseOf(
  { name, chart: source }: DesiredRelease,
  settings: Settings,
  kubernetes: string | undefined,
  get: typeof fetch,
): Promise<Freshness> {
  const addon = addons.find(({ chart }) => chart?.chart === name);
  const setting = Object.hasOwn(settings.releases, name)
    ? `releases.${name}.version`
    : `${addon?.path ?? name}.version`;
  const { chart, version: installed = "", repositoryOpts } = source;
  const repo = repositoryOpts?.repo ?? "";
  if (repo === "" && !chart.startsWith("oci://")) {
    return { name, setting, installed, ...NOTHING, notes: [`a chart on disk: ${chart}`] };
  }
  try {
    const listed = await chartVersions({ chart, repo }, get);
    const pinned = addon?.chart?.chart === chart ? addon.chart : undefined;
    return { name, setting, ...judgeChart(installed, listed, pinned, kubernetes) };
  } catch (error) {
    return { name, setting, ...unread(installed, error) };
  }
}

const NOTHING = { next: undefined, newest: undefined, failed: false };

function unread(installed: string, error: unknown): Judged {
  return { ...NOTHING, installed, notes: [error instanceof Error ? error.message : String(error)], failed: true };
}
