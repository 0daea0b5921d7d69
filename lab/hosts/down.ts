import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LabError } from "../error";
import { SITE } from "../naming";
import type { LabPaths } from "../paths";
import type { Progress } from "../progress";
import { type Container, listContainers, listOthers, removeContainers, requireOwn } from "./containers";
import type { Docker } from "./docker";
import { reachContainerEngine, stopContainerEngine } from "./containerEngine";
import { IMAGE_LABEL } from "./image";

export interface DownResult {
  /** Whether there was anything of the lab. */
  readonly wasThere: boolean;
  /** What is left on purpose: one line each. */
  readonly kept: readonly string[];
}

/**
 * Takes a lab away: containers, volumes, networks, files, and the container engine when a lab started it and this is the last
 * one. It goes by what the container engine and the disk show, so it works on a lab of any version, finished or not.
 *
 * @param purge Also remove what later labs would use again: the image, builds of the Go programs, fetched releases.
 * @throws LabError when something cannot be removed; repeating the command goes on.
 */
export async function labDown(lab: string, paths: LabPaths, progress: Progress, purge: boolean): Promise<DownResult> {
  const files = [paths.directory, paths.stackFile].filter((path) => existsSync(path));
  const docker = await reachContainerEngine(paths);
  const ownContainerEngine = existsSync(paths.containerEngine);
  if (docker === undefined && files.length > 0 && !ownContainerEngine) {
    throw new LabError(
      "the container engine that the lab's hosts are in does not answer",
      "start it and repeat the command: nothing was removed",
    );
  }
  const found = docker === undefined ? 0 : await removeFromDocker(docker, lab, paths, progress);
  for (const path of files) rmSync(path, { recursive: true, force: true });
  const others = otherLabs(paths, lab);
  if (ownContainerEngine && others.length === 0) {
    await stopContainerEngine(paths, progress);
  } else if (docker !== undefined && purge) {
    await removeImages(docker, progress);
  }
  if (purge) {
    for (const name of CACHES) {
      rmSync(join(paths.cache, name), { recursive: true, force: true });
    }
  }
  return {
    wasThere: files.length > 0 || found > 0 || ownContainerEngine,
    kept: purge ? [] : keptLines(paths, ownContainerEngine),
  };
}

async function removeFromDocker(docker: Docker, lab: string, paths: LabPaths, progress: Progress): Promise<number> {
  const containers = await listContainers(docker, lab);
  requireOwn(containers, lab, paths.directory);
  if (containers.length > 0) {
    await progress.step(removedText(containers), async () => {
      await removeContainers(docker, containers);
    });
  }
  const volumes = await listOthers(docker, "volume", lab);
  if (volumes.length > 0) await docker.do("removing volumes", ["volume", "rm", "--force", ...volumes]);
  const networks = await listOthers(docker, "network", lab);
  if (networks.length > 0) await docker.do("removing the network", ["network", "rm", ...networks]);

  const left = [
    ...(await listContainers(docker, lab)).map((container) => `host ${container.host}`),
    ...(await listOthers(docker, "volume", lab)).map((name) => `volume ${name}`),
    ...(await listOthers(docker, "network", lab)).map((name) => `network ${name}`),
  ];
  if (left.length > 0) throw new LabError(`still there: ${left.join(", ")}`, "repeat the command");
  return containers.length + volumes.length + networks.length;
}

/** What later labs use again, by its name in the cache. */
const CACHES = ["hollow-k3s", "lab-cert-manager", "lab-acme", "cert-manager-definitions", "lab-image", "k3s"];

/** The site is none of the hosts that a person asked for. */
export function removedText(containers: readonly Pick<Container, "host">[]): string {
  const hosts = containers.filter(({ host }) => host !== SITE).length;
  const site = hosts < containers.length ? ["the site"] : [];
  return `${[...(hosts > 0 ? [`${String(hosts)} host${hosts === 1 ? "" : "s"}`] : []), ...site].join(" and ")} removed`;
}

async function removeImages(docker: Docker, progress: Progress): Promise<void> {
  const ids = await docker.do("the lab's images", ["images", "--quiet", "--filter", `label=${IMAGE_LABEL}`]);
  const images = [...new Set(ids.split("\n"))].filter((id) => id !== "");
  if (images.length === 0) return;
  await progress.step("image removed", async () => {
    await docker.do("removing the image", ["rmi", "--force", ...images]);
  });
}

/** Names of the other labs of this checkout. */
export function otherLabs(paths: LabPaths, lab: string): string[] {
  if (!existsSync(paths.labs)) return [];
  return readdirSync(paths.labs, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== lab)
    .map((entry) => entry.name);
}

function keptLines(paths: LabPaths, ownContainerEngine: boolean): string[] {
  const caches = CACHES.map((name) => join(paths.cache, name)).filter((path) => existsSync(path));
  const image = ownContainerEngine ? [] : ["the hosts' image in Docker"];
  const kept = [...image, ...caches];
  return kept.length === 0 ? [] : [`kept for the next lab: ${kept.join(", ")} ('lab down --purge' removes them too)`];
}
