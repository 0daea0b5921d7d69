import { GroundworkError } from "../config/groundworkError";
import type { DesiredCluster } from "../desired/cluster";
import type { Environment } from "../process/run";
import type { Tunnel } from "../ssh/tunnel";
import { openWay } from "../ssh/way";

/**
 * Opens the way to the API through SSH, which the program opens by itself, for other commands.
 *
 * @throws GroundworkError for a stack whose API is dialled directly.
 */
export function wayForCommands(desired: DesiredCluster, env: Environment, report: (line: string) => void): Tunnel {
  const { apiTunnel, apiUrl } = desired;
  if (apiTunnel !== undefined) return openWay(apiTunnel, desired, env["SSH_AUTH_SOCK"], report);
  throw new GroundworkError("usage", `the stack's API is dialled directly, at ${apiUrl}: there is no tunnel to it`, {
    remedy: "where it is out of reach, set cluster.apiThrough: ssh and run 'pulumi up'",
  });
}
