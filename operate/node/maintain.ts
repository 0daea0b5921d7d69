import { GroundworkError } from "../../config/groundworkError";
import { nearest } from "../../config/schema/nearest";
import type { HostProgram } from "../../desired/host/program";
import type { DesiredNode } from "../../desired/nodes";
import { failureOf } from "../facts";
import type { Host } from "../host";
import { Kubectl } from "../kubectl";
import type { Site } from "../site";

export type MaintenanceVerb =
  "preview" | "preview_uncordon" | "maintain" | "uncordon" | "begin_reboot" | "finish_reboot";

export interface MaintenanceOptions {
  /** How long a drain may take, in seconds. Default: the stack's rollout.drainTimeoutSeconds. */
  readonly timeoutSeconds?: number;
  /** Called with each line that a host says, and with what this program itself does. */
  readonly say: (line: string) => void;
}

/** Longer than every wait of the programs together may take: locks, API, drain, Ready. */
const SPARE_SECONDS = 900;

/**
 * The program of a node's maintenance: what the drain before a roll-out is given, with another part.
 *
 * @param operator The server that it runs on.
 */
export function maintenanceProgram(node: DesiredNode, operator: string, timeoutSeconds?: number): HostProgram {
  const { drain, ready } = node.steps;
  const { drain_timeout: drainTimeout = "300", ...facts } = drain.program.facts;
  return {
    ...drain.program,
    title: `maintenance of ${node.name}`,
    facts: {
      ...facts,
      operator,
      drain_timeout: timeoutSeconds === undefined ? drainTimeout : String(timeoutSeconds),
      ready_timeout: ready.program.facts["ready_timeout"] ?? "300",
    },
    parts: [...drain.program.parts, "maintain"],
    verbs: ["preview", "preview_uncordon", "maintain", "uncordon", "begin_reboot", "finish_reboot"],
  };
}

/** The host of a node. @throws GroundworkError that names the nodes there are. */
export function hostOf({ hosts, settings }: Pick<Site, "hosts" | "settings">, name: string): Host {
  const found = hosts.find((host) => host.name === name);
  if (found !== undefined) return found;
  const names = hosts.map((host) => host.name);
  const near = nearest(name, names);
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new GroundworkError(
    "usage",
    `stack '${settings.stack}' has no node '${name}'.${hint} Nodes: ${names.join(", ")}`,
  );
}

/**
 * The server that a node's maintenance runs on: the one that `up` uses too, so that both take the same lock; another one where its
 * API does not answer.
 *
 * @throws GroundworkError where no server's API answers.
 */
export async function operatorOf({ hosts }: Pick<Site, "hosts">, { operator }: DesiredNode): Promise<Host> {
  const servers = hosts.filter(({ node }) => node.role === "server");
  const inOrder = [...servers].sort(
    (one, other) => Number(other.name === operator.name) - Number(one.name === operator.name),
  );
  const reasons: string[] = [];
  for (const host of inOrder) {
    try {
      await new Kubectl(host).text(["get", "--raw", "/readyz", "--request-timeout=10s"]);
      return host;
    } catch (error) {
      reasons.push(`${host.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new GroundworkError(
    "failed",
    ["no server's API answers, so it is not known who may be down:", ...reasons].join("\n  "),
    {
      remedy: "bring a server back first ('groundwork node logs NAME')",
    },
  );
}

/**
 * Runs one verb of a node's maintenance.
 *
 * @throws GroundworkError with what the program said.
 */
export async function maintain(
  site: Pick<Site, "hosts">,
  node: DesiredNode,
  verb: MaintenanceVerb,
  options: MaintenanceOptions & { readonly operator?: Host },
): Promise<void> {
  const operator = options.operator ?? (await operatorOf(site, node));
  const program = maintenanceProgram(node, operator.name, options.timeoutSeconds);
  const seconds = Number(program.facts["drain_timeout"]) + Number(program.facts["ready_timeout"]) * 2 + SPARE_SECONDS;
  const answer = await operator.runProgram(program, verb, {
    timeoutMs: seconds * 1000,
    onLine: (line) => {
      if (!line.startsWith("error: ")) options.say(line);
    },
  });
  if (answer.code !== 0) throw new GroundworkError("failed", failureOf(answer));
}
