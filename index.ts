import * as pulumi from "@pulumi/pulumi";
import { createStack, type StackOutputs } from "./components/stack";
import { GroundworkError } from "./config/groundworkError";
import { engineSource, loadSettings } from "./config/read/load";
import type { Settings } from "./config/settings";
import type { SettingsSource } from "./config/read/source";
import { problemLine } from "./config/problem";
import { desiredStack, type DesiredStack } from "./desired/cluster";
import { violationLine } from "./policy/judge";
import { policyOfStack, refuseViolations } from "./policy/ofStack";

/**
 * The whole program: from a stack's settings to a cluster. The engine, the tests and the Automation API run this.
 *
 * @param agentSocket Socket of the ssh-agent whose keys the machines accept. Default: none.
 * @param openWay Opens the way to the API, where the stack has one through SSH.
 */
export function groundwork(
  source: SettingsSource = engineSource(),
  agentSocket?: string,
  openWay: typeof wayToApi = wayToApi,
): StackOutputs {
  const settings = loadSettings(source, pulumi.getStack());
  const desired = desiredStack(settings, pulumi.getProject());
  holdToPolicy(settings, desired);
  if (desired.is === "machines" && settings.ssh.agent && settings.ssh.privateKey === undefined) checkAgent(agentSocket);
  return createStack(desired, openWay(desired, agentSocket));
}

/** Says what the stack's rules find; what they refuse ends the program before anything is registered. */
function holdToPolicy(settings: Settings, desired: DesiredStack): void {
  const { violations, warnings } = policyOfStack(settings, desired);
  const shown = violations.filter(({ level }) => level === "warn");
  for (const line of [...warnings.map(problemLine), ...shown.map(violationLine)]) void pulumi.log.warn(line);
  refuseViolations(settings.stack, violations);
}

/** Opens the way to the API through SSH, where the stack has it so: it stays open for as long as this process lives. */
async function wayToApi(desired: DesiredStack, agentSocket: string | undefined): Promise<void> {
  if (desired.is !== "machines" || desired.apiTunnel === undefined) return;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- SSH is loaded only where it is needed
  const ssh = require("./ssh/way") as typeof import("./ssh/way");
  const report = (line: string): void => void pulumi.log.warn(line).catch(() => undefined); // the engine may have gone
  try {
    await ssh.openWay(desired.apiTunnel, desired, agentSocket, report).listening;
  } catch (error) {
    throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
  }
}

/** A preview contacts no host; everything else would fail on each of them, one after another. */
function checkAgent(agentSocket = ""): void {
  if (pulumi.runtime.isDryRun() || agentSocket !== "") return;
  throw new GroundworkError(
    "failed",
    'ssh.agent is true, and SSH_AUTH_SOCK names no ssh-agent here; start one and give it the key: eval "$(ssh-agent)" && ssh-add',
  );
}
