import { X509Certificate } from "node:crypto";
import { parse } from "yaml";
import { findPulumi, runPulumi } from "../../automation/pulumiCli";
import type { Environment } from "../../process/run";
import type { Finding } from "../finding";
import type { StackOnDisk } from "../openStack";
import { error, ok, warning } from "./finding";
import { days } from "./hosts";

const DAY_MS = 86_400_000;

/**
 * The kubeconfig that the stack has as an output; it is read once, and its client certificate lives for a year.
 *
 * @throws Error where the Pulumi CLI is not there, or does not give it.
 */
export async function stackKubeconfig({ stack, directory }: StackOnDisk, environment: Environment): Promise<string> {
  const pulumi = await findPulumi({ environment });
  const args = ["stack", "output", "kubeconfig", "--show-secrets", "--stack", stack];
  return await runPulumi(pulumi, args, { directory, environment });
}

/** When the client certificate of a kubeconfig ends. Pure; nothing of the kubeconfig is in what it says. */
export function checkKubeconfig(text: string, now: Date): Finding[] {
  const endsAt = clientEnd(text);
  if (endsAt === undefined) {
    return [warning("kubeconfig", undefined, "the stack's kubeconfig has no client certificate that can be read")];
  }
  const left = Math.floor((endsAt.getTime() - now.getTime()) / DAY_MS);
  const message =
    left < 0
      ? `the client certificate of the stack's kubeconfig ended ${days(-left)} ago`
      : `the client certificate of the stack's kubeconfig ends in ${days(left)}`;
  const remedy = "it was read when the cluster was made, and is to be read again before it ends";
  if (left < 0) return [error("kubeconfig", undefined, message, remedy)];
  return left < 60 ? [warning("kubeconfig", undefined, message, remedy)] : [ok("kubeconfig", undefined, message)];
}

function clientEnd(text: string): Date | undefined {
  try {
    const { users } = parse(text) as { users: { user: { "client-certificate-data": string } }[] };
    const data = users[0]?.user["client-certificate-data"] ?? "";
    return new Date(new X509Certificate(Buffer.from(data, "base64")).validTo);
  } catch {
    return undefined; // said by the caller, without a word of what is in it
  }
}
