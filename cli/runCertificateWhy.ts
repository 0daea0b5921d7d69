import { certificateObjects, certificatesNamed } from "../operate/certificate/read";
import { leftChallenges, whyAll } from "../operate/certificate/why";
import { kubectlOf } from "../operate/kubectl";
import { withSite } from "../operate/site";
import { whyText } from "./certificateText";
import { EXIT_CODES } from "./exitCodes";
import { stackOnDisk, type StackRequest } from "./onStack";
import type { Terminal } from "./terminal";

/** The options of `groundwork certificate why`. */
export interface WhyRequest extends StackRequest {
  readonly namespace?: string;
  readonly json?: true;
}

/** Shows why certificates are not ready. @returns the exit code. */
export async function runWhy(name: string | undefined, request: WhyRequest, terminal: Terminal): Promise<number> {
  const file = stackOnDisk(request, terminal);
  const objects = await withSite(file, terminal.env, async (site) => certificateObjects(await kubectlOf(site)));
  const now = new Date();
  const trees = whyAll(objects, certificatesNamed(objects, { name, namespace: request.namespace }), now);
  const left = name === undefined ? leftChallenges(objects, now) : [];
  terminal.out(
    request.json === true
      ? `${JSON.stringify({ stack: file.stack, certificates: trees, left }, undefined, 2)}\n`
      : whyText({ trees, left, isNamed: name !== undefined }, terminal),
  );
  const isWell = trees.every(({ state }) => state === "ready") && left.length === 0;
  return isWell ? EXIT_CODES.ok : EXIT_CODES.differences;
}
