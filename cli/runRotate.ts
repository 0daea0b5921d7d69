import { rotateSecretsKey, type PlannedRotation } from "../operate/secretsKey/rotate";
import { withSite } from "../operate/site";
import { confirm } from "./confirm";
import { EXIT_CODES } from "./exitCodes";
import { stackOnDisk, type StackRequest } from "./onStack";
import type { Terminal } from "./terminal";

/** The options of `groundwork rotate secrets-key`. */
export interface RotateRequest extends StackRequest {
  readonly dryRun?: true;
  readonly yes?: true;
}

/** Rotates the key of the Secrets. @returns the exit code. */
export async function runRotateSecretsKey(request: RotateRequest, terminal: Terminal): Promise<number> {
  const say = (line: string): void => terminal.out(`${line}\n`);
  return await withSite(stackOnDisk(request, terminal), terminal.env, async (site) => {
    const agreed = async (planned: PlannedRotation): Promise<boolean> => {
      for (const line of plannedLines(planned)) say(line);
      if (request.dryRun === true) return false;
      return request.yes === true || (await confirm("Rotate the key?"));
    };
    const isDone = await rotateSecretsKey(site, { agreed, say });
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
