import { findPulumi, runPulumi } from "../automation/pulumiCli";
import { exportedKubeconfig, runsOut } from "../components/k3s/kubeconfig";
import { GroundworkError } from "../config/groundworkError";
import { K3S_DIRECTORY } from "../desired/host/k3sConfig";
import type { Environment } from "../process/run";
import type { StackOnDisk } from "./openStack";
import type { Site } from "./site";

/** The kubeconfig that the last `up` gave out. @throws GroundworkError when there is none yet, or Pulumi does not tell it. */
export async function kubeconfigOfStack({ stack, directory }: StackOnDisk, env: Environment): Promise<string> {
  const pulumi = await findPulumi({ environment: env });
  const args = ["stack", "output", "kubeconfig", "--show-secrets", "--stack", stack];
  try {
    return await runPulumi(pulumi, args, { directory, environment: env });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const reason = said.replace(/^error: /, "").split("\n")[0] ?? "";
    throw new GroundworkError("failed", `stack ${stack} gives no kubeconfig: ${reason}`, {
      remedy: "run 'pulumi up' first, or read it from a server with --fresh",
    });
  }
}

/**
 * The kubeconfig as a server has it now, with the address that the stack's settings say. k3s writes it anew each time it starts.
 *
 * @throws GroundworkError with what each server said when none has one.
 */
export async function freshKubeconfig({ hosts, desired }: Site): Promise<string> {
  const reasons: string[] = [];
  for (const host of hosts.filter(({ node }) => node.role === "server")) {
    try {
      const { code, stdout, stderr } = await host.run(`cat ${K3S_DIRECTORY}/k3s.yaml`);
      if (code !== 0) throw new Error(stderr.trim().split("\n").at(-1) ?? `cat ended with ${code}`);
      return exportedKubeconfig(stdout, { server: desired.apiUrl, name: desired.name });
    } catch (error) {
      reasons.push(`${host.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new GroundworkError("failed", ["no server gives its kubeconfig:", ...reasons].join("\n  "));
}

/** When its certificate ends, as a date; undefined where it has none. */
export function endOf(kubeconfig: string): string | undefined {
  return runsOut(kubeconfig)?.toISOString().slice(0, 10);
}
