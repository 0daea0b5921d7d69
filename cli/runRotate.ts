import { rotateAuthorities, type PlannedAuthorities } from "../operate/authorities/rotate";
import { rotateSecretsKey, type PlannedRotation } from "../operate/secretsKey/rotate";
import { withSite, type Site } from "../operate/site";
import { confirm } from "./confirm";
import { EXIT_CODES } from "./exitCodes";
import { stackOnDisk, type StackRequest } from "./onStack";
import type { Terminal } from "./terminal";

/** The options of `groundwork rotate secrets-key` and `groundwork rotate ca`. */
export interface RotateRequest extends StackRequest {
  readonly dryRun?: true;
  readonly yes?: true;
}

/** Rotates the key of the Secrets. @returns the exit code. */
export async function runRotateSecretsKey(request: RotateRequest, terminal: Terminal): Promise<number> {
  return await withAsking(request, terminal, "Rotate the key?", (site, ask) =>
    rotateSecretsKey(site, { say: ask.say, agreed: (planned) => ask.agreed(plannedLines(planned)) }),
  );
}

/** Rotates the certificate authorities. @returns the exit code. */
export async function runRotateAuthorities(request: RotateRequest, terminal: Terminal): Promise<number> {
  return await withAsking(request, terminal, "Rotate the certificate authorities?", async (site, ask) => {
    const agreed = (planned: PlannedAuthorities): Promise<boolean> => ask.agreed(plannedAuthorities(planned));
    const isDone = await rotateAuthorities(site, { say: ask.say, agreed });
    if (isDone) for (const line of AFTERWARDS) ask.say(line);
    return isDone;
  });
}

interface Asking {
  readonly say: (line: string) => void;
  /** Shows what would be done, and asks. */
  readonly agreed: (lines: readonly string[]) => Promise<boolean>;
}

async function withAsking(
  request: RotateRequest,
  terminal: Terminal,
  question: string,
  rotate: (site: Site, ask: Asking) => Promise<boolean>,
): Promise<number> {
  const say = (line: string): void => terminal.out(`${line}\n`);
  return await withSite(stackOnDisk(request, terminal), terminal.env, async (site) => {
    const agreed = async (lines: readonly string[]): Promise<boolean> => {
      for (const line of lines) say(line);
      if (request.dryRun === true) return false;
      return request.yes === true || (await confirm(question));
    };
    const isDone = await rotate(site, { say, agreed });
    if (!isDone) say("nothing was changed");
    return isDone || request.dryRun === true ? EXIT_CODES.ok : EXIT_CODES.failed;
  });
}

/** What a person decides on. */
export function plannedLines({ server, goesOn, restarts }: PlannedRotation): string[] {
  return [
    goesOn
      ? `a rotation that was begun on ${server} goes on`
      : `${server} saves a snapshot of etcd, makes a new key, and writes all Secrets anew with it`,
    ...(restarts.length === 0
      ? []
      : [
          `then k3s restarts on ${restarts.join(", ")}, one after another; pods run on`,
          "until a server has restarted, its API cannot read Secrets: choose a quiet hour",
        ]),
  ];
}

/** What a person decides on, of the certificate authorities. */
export function plannedAuthorities({ server, goesOn, restarts }: PlannedAuthorities): string[] {
  return [
    goesOn
      ? `a rotation that was begun on ${server} goes on`
      : `${server} saves a snapshot of etcd, and makes new certificate authorities, which those of before sign`,
    `then k3s restarts on ${restarts.join(", ")}, one after another; pods run on`,
  ];
}

const AFTERWARDS = [
  "kubeconfigs of before go on until the authority of before ends; for new ones: groundwork kubeconfig --fresh",
  "write another word as cluster.authorityRotated and run up, before a node joins: it reads the new authority",
];
