import { freshKubeconfig } from "../operate/kubeconfig";
import { kubectlOf } from "../operate/kubectl";
import { historyOf, target, type ReleaseHistory, type Revision } from "../operate/release/history";
import { requireHelm, rollBack } from "../operate/release/rollback";
import { withSite } from "../operate/site";
import { wayForCommands } from "../operate/way";
import { table, wrap } from "../plan/render/layout";
import { confirm } from "./confirm";
import { EXIT_CODES } from "./exitCodes";
import { stackOnDisk, type StackRequest } from "./onStack";
import type { Terminal } from "./terminal";

/** The options of `groundwork release history`. */
export interface HistoryRequest extends StackRequest {
  readonly namespace?: string;
  readonly json?: true;
}

/** The options of `groundwork release rollback`. */
export interface RollbackRequest extends StackRequest {
  readonly namespace?: string;
  readonly timeout: number;
  readonly dryRun?: true;
  readonly yes?: true;
}

/** Shows the revisions of a release. @returns the exit code. */
export async function runHistory(name: string, request: HistoryRequest, terminal: Terminal): Promise<number> {
  const history = await withSite(stackOnDisk(request, terminal), terminal.env, async (site) =>
    historyOf(await kubectlOf(site), { name, namespace: request.namespace }),
  );
  terminal.out(request.json === true ? `${JSON.stringify(history, undefined, 2)}\n` : historyText(history, terminal));
  return EXIT_CODES.ok;
}

/** The revisions as a table, oldest first. */
export function historyText({ revisions }: ReleaseHistory, { paint }: Pick<Terminal, "paint">): string {
  const rows = revisions.map(({ revision, updated, status, chart, appVersion, description }) => [
    String(revision),
    `${updated.slice(0, 16).replace("T", " ")} UTC`,
    status,
    chart,
    appVersion,
    description.replace(/\s+/g, " "),
  ]);
  const [header = "", ...lines] = table(["REVISION", "UPDATED", "STATUS", "CHART", "APP", "DESCRIPTION"], rows);
  return [paint.heading(header), ...lines, ""].join("\n");
}

/** Rolls a release back. @returns the exit code. */
export async function runRollback(
  name: string,
  wanted: number | undefined,
  request: RollbackRequest,
  terminal: Terminal,
): Promise<number> {
  const { env } = terminal;
  const say = (line: string): void => terminal.out(`${line}\n`);
  return await withSite(stackOnDisk(request, terminal), env, async (site) => {
    const kubectl = await kubectlOf(site);
    const history = await historyOf(kubectl, { name, namespace: request.namespace });
    const to = target(history, wanted);
    const from = history.revisions.at(-1);
    say(`roll ${history.namespace}/${name} back`);
    if (from !== undefined) say(`  from  ${revisionText(from)}`);
    say(`  to    ${revisionText(to)}`);
    for (const line of wrap(AFTERWARDS, terminal.width)) say(terminal.paint.warning(line));
    if (request.dryRun === true) return EXIT_CODES.ok;
    await requireHelm(env);
    if (request.yes !== true && !(await confirm("Roll it back?"))) {
      say("nothing was done");
      return EXIT_CODES.failed;
    }
    const report = (line: string): void => terminal.err(`groundwork: ${line}\n`);
    const way = site.desired.apiTunnel === undefined ? undefined : wayForCommands(site.desired, env, report);
    try {
      await way?.listening;
      const kubeconfig = await freshKubeconfig(site);
      await rollBack(history, to.revision, kubeconfig, { env, timeoutSeconds: request.timeout, say });
    } finally {
      way?.close();
    }
    say(historyText(await historyOf(kubectl, history), terminal).trimEnd());
    return EXIT_CODES.ok;
  });
}

const AFTERWARDS =
  "Pulumi's state does not know of this: 'groundwork drift' names it where the chart's version is another one, and 'pulumi up --refresh' or the next change of this release puts the stack file's version and values back, unless they are changed there too.";

function revisionText({ revision, chart, status, updated }: Revision): string {
  return `revision ${String(revision)}, ${chart}, ${status}, of ${updated.slice(0, 16).replace("T", " ")} UTC`;
}
