import { hostNames, type HostName, SITE } from "../naming";
import type { HostState } from "../state";
import type { Container } from "./containers";

/** What has to be done to the containers of a lab. */
export interface HostChanges {
  /** Hosts to be made. */
  readonly make: readonly HostName[];
  /** Hosts and possibly the site that stopped and are to be started. */
  readonly start: readonly string[];
  /** Containers of no wanted host. */
  readonly surplus: readonly Container[];
  /** Containers that an interrupted run left unfinished, or that another checkout left behind. */
  readonly unfinished: readonly Container[];
  readonly makeSite: boolean;
  /** Wanted hosts that are there and work as far as the container engine can tell. */
  readonly kept: readonly HostState[];
}

/**
 * Compares what a lab should have with what is there.
 *
 * @param known Hosts that an earlier run saw working; a container of no known host is unfinished.
 * @param siteDone Whether an earlier run saw the site working.
 */
export function hostChanges(
  wanted: { readonly servers: number; readonly agents: number },
  known: readonly HostState[],
  containers: readonly Container[],
  directory: string,
): HostChanges {
  const names = hostNames(wanted.servers, wanted.agents);
  const foreign = containers.filter((container) => container.directory !== directory);
  const own = containers.filter((container) => container.directory === directory);
  const isKnown = (name: string): boolean => known.some((host) => host.name === name);
  const isWanted = (name: string): boolean => name === SITE || names.some((host) => host.name === name);
  // A created container was never started: the run that made it ended before.
  const isUnfinished = (container: Container): boolean =>
    container.state === "created" ||
    container.state === "dead" ||
    (container.host !== SITE && !isKnown(container.host));
  const unfinished = own.filter(isUnfinished);
  const finished = own.filter((container) => !isUnfinished(container));
  const isThere = (name: string): boolean => finished.some((container) => container.host === name);
  return {
    make: names.filter((host) => !isThere(host.name)),
    start: finished.filter((one) => one.state !== "running" && isWanted(one.host)).map((one) => one.host),
    surplus: finished.filter((container) => !isWanted(container.host)),
    unfinished: [...foreign, ...unfinished],
    makeSite: !isThere(SITE),
    kept: known.filter((host) => isThere(host.name) && isWanted(host.name)),
  };
}
