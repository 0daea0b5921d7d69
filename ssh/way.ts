import type { DesiredCluster } from "../desired/cluster";
import type { ApiTunnel } from "../desired/endpoints";
import { allNodes } from "../desired/nodes";
import { connectionOf } from "./target";
import { openTunnel, type Tunnel } from "./tunnel";

/** Opens the way to the API through SSH to a stack's servers. @param report Told in one line why none was reached. */
export function openWay(
  tunnel: ApiTunnel,
  { nodes }: Pick<DesiredCluster, "nodes">,
  agentSocket: string | undefined,
  report: (line: string) => void,
): Tunnel {
  const servers = allNodes(nodes).filter(({ role }) => role === "server");
  const ends = servers.map(({ name, ssh }) => ({ name, connection: connectionOf(ssh, agentSocket) }));
  return openTunnel({ ...tunnel, ends, report });
}
