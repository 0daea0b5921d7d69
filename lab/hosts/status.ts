import { hostNames, SITE, vpnAddress, hostAddress, siteAddress, stackName } from "../naming";
import type { LabPaths } from "../paths";
import { run } from "../../process/run";
import { releases } from "../site/release";
import type { LabState } from "../state";
import { type Container, listContainers } from "./containers";
import type { Docker } from "./docker";
import { eachAtOnce } from "./up";

/** One host as it is now. */
export interface HostStatus {
  readonly name: string;
  readonly role: "server" | "agent" | "site";
  /** `running`, `exited`, …, `missing`, `unfinished`. */
  readonly state: string;
  /** Whether SSH lets the operator in; undefined for the site, which has none. */
  readonly ssh: boolean | undefined;
  /** Address in the lab's network, on the VPN, and of SSH on this machine. */
  readonly address: string;
  readonly vpn: string | undefined;
  readonly published: string | undefined;
}

export interface LabStatus {
  readonly lab: string;
  readonly stack: string;
  readonly k3s: string;
  /** Versions in the mirror. */
  readonly releases: readonly string[];
  /** Address of the Kubernetes API on this machine. */
  readonly api: string;
  readonly hosts: readonly HostStatus[];
}

/** What a lab is now: asked from the container engine and from each host, not remembered. */
export async function labStatus(docker: Docker, paths: LabPaths, state: LabState): Promise<LabStatus> {
  const containers = await listContainers(docker, state.name);
  const answers = new Map<string, boolean>();
  const running = state.hosts.filter((host) => stateOf(containers, host.name) === "running");
  await eachAtOnce(running, 8, async (host) => {
    const args = ["-F", paths.sshConfig, "-o", "BatchMode=yes", host.name, "true"];
    answers.set(host.name, (await run("ssh", args, { timeoutMs: 10_000 })).code === 0);
  });
  const hosts = hostNames(state.servers, state.agents).map((host): HostStatus => {
    const known = state.hosts.find((one) => one.name === host.name);
    const found = stateOf(containers, host.name);
    return {
      name: host.name,
      role: host.role,
      state: known === undefined && found !== "missing" ? "unfinished" : found,
      ssh: answers.get(host.name) ?? false,
      address: hostAddress(state.prefix, host),
      vpn: vpnAddress(host),
      published: known === undefined ? undefined : `${state.loopback}:${String(known.sshPort)}`,
    };
  });
  const site: HostStatus = {
    name: SITE,
    role: SITE,
    state: stateOf(containers, SITE),
    ssh: undefined,
    address: siteAddress(state.prefix),
    vpn: undefined,
    published: undefined,
  };
  return {
    lab: state.name,
    stack: stackName(state.name),
    k3s: state.k3s,
    releases: releases(paths),
    api: `https://${state.loopback}:6443`,
    hosts: [...hosts, site],
  };
}

/** The status as lines of a table for people. */
export function statusLines(status: LabStatus): string[] {
  const rows = [
    ["HOST", "STATE", "SSH", "PUBLISHED", "NETWORK", "VPN"],
    ...status.hosts.map((host) => [
      host.name,
      host.state,
      host.ssh === undefined ? "-" : host.ssh ? "answers" : "silent",
      host.published ?? "-",
      host.address,
      host.vpn ?? "-",
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return [
    `lab ${status.lab}: stack ${status.stack}, k3s ${status.k3s} (${status.releases.join(", ")}), API ${status.api}`,
    ...rows.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    ),
  ];
}

function stateOf(containers: readonly Container[], host: string): string {
  return containers.find((container) => container.host === host)?.state ?? "missing";
}
