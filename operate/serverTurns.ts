import type { Settings } from "../config/settings";
import type { HostProgram } from "../desired/host/program";
import type { DesiredNode } from "../desired/nodes";
import { GroundworkError } from "../config/groundworkError";
import { failureOf } from "./facts";
import type { Host } from "./host";
import { askAll } from "./site";

/** The parts that every rotation runs with on a server: the gates of a roll-out's own restart, and a snapshot. */
export const TURN_PARTS = ["restart", "preflight", "health", "snapshot", "turn"];

/** What a node's k3s is started and waited for with, on its own host. */
export function startFacts({ cluster }: Settings, { steps }: DesiredNode): Record<string, string> {
  const { interface_wait = "0", prepare_hosts = "no", packages = "" } = steps.host.program.facts;
  const readyTimeout = steps.ready.program.facts["ready_timeout"] ?? "300";
  return {
    api_port: String(cluster.apiPort),
    ready_timeout: readyTimeout,
    start_timeout: readyTimeout,
    interface_wait,
    prepare_hosts,
    packages,
  };
}

/** One verb of a host program. */
export interface HostTask {
  readonly program: HostProgram;
  readonly verb: string;
  /** How long it may take as a whole. */
  readonly timeoutMs: number;
  readonly say: (line: string) => void;
}

/**
 * Runs a verb, and says each of its lines with the host's name.
 *
 * @returns what it printed.
 * @throws GroundworkError with its own error.
 */
export async function runTask(host: Host, { program, verb, timeoutMs, say }: HostTask): Promise<string> {
  const answer = await host.runProgram(program, verb, {
    timeoutMs,
    onLine: (line) => {
      // A line `name=value` is for this program.
      if (!/^(error: |[a-z_]+=)/.test(line)) say(`${host.name}: ${line}`);
    },
  });
  if (answer.code !== 0) throw new GroundworkError("failed", failureOf(answer));
  return answer.stdout;
}

/**
 * Asks all hosts at once, and needs every answer.
 *
 * @param silent What it says of those that give none.
 * @throws GroundworkError with every host that does not answer.
 */
export async function everyAnswer<T>(
  hosts: readonly Host[],
  ask: (host: Host) => Promise<T>,
  silent: { readonly message: string; readonly remedy: string },
): Promise<T[]> {
  const replies = await askAll(hosts, ask);
  const failures = replies.flatMap((reply) => ("error" in reply ? [`${reply.host.name}: ${reply.error.message}`] : []));
  if (failures.length > 0) {
    throw new GroundworkError("failed", [silent.message, ...failures].join("\n  "), { remedy: silent.remedy });
  }
  return replies.flatMap((reply) => ("value" in reply ? [reply.value] : []));
}
