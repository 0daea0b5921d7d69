import { originOf } from "../origin";
import { warning, type Check } from "./check";

/** Where machines are behind a bastion, the API most likely is too, and nothing can be installed in the cluster then. */
export const apiBehindBastion: Check = (settings) => {
  const { cluster, ssh, nodes } = settings;
  const servers = nodes.filter(({ role }) => role === "server");
  const bastions = servers.map((node) => node.ssh.bastion ?? ssh.bastion ?? "none");
  const [first] = servers;
  if (cluster.apiThrough !== undefined || cluster.apiAddress !== undefined || first === undefined) return [];
  if (bastions.includes("none")) return [];
  return [
    warning(
      "cluster.apiThrough",
      `is not set, and every server is behind a bastion: the API is dialled directly, at ${first.address}`,
      "write ssh to go through the bastion to it, or direct where that address can be dialled from here",
    ),
  ];
};

/** A port of a tunnel that is not there. */
export const tunnelPort: Check = (settings) =>
  originOf(settings) === "machines" &&
  settings.cluster.tunnelPort !== undefined &&
  settings.cluster.apiThrough !== "ssh"
    ? [warning("cluster.tunnelPort", "has no effect without cluster.apiThrough: ssh", "take it out, or set that")]
    : [];

export const reachChecks: readonly Check[] = [apiBehindBastion, tunnelPort];
