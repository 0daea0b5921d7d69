import { Option, type Command } from "commander";
import { GroundworkError } from "../config/groundworkError";
import type { Site } from "../operate/site";
import type { Restored } from "../operate/snapshots/restore";
import { confirm } from "./confirm";
import { EXIT_CODES } from "./exitCodes";
import { onStack, stackOnDisk, type StackRequest } from "./onStack";
import { afterText, planText } from "./restoreText";
import type { Terminal } from "./terminal";
import type { VerbContext } from "./verb";

const RESTORE = `Restore etcd from a snapshot, or from the one server that still has its data, on all servers of a stack.

It shows what it will do and asks. All servers' k3s stop; one is reset, and the others join it one by one, each waited for
as 'up' waits for it. Pods go on, and agents follow. What was there before is moved aside and never deleted.

While it works, 'up' is refused on these hosts. Cut off at any point, the same command goes on; --undo goes back, as long
as the restored server has not started.`;

const EXAMPLES = `
Examples:
  groundwork snapshot restore --stack home etcd-snapshot-atlas-1764327600
  groundwork snapshot restore --stack home /root/brought-along --from atlas
  groundwork snapshot restore --stack home s3:etcd-snapshot-atlas-1764327600
  groundwork snapshot restore --stack home --from-survivor atlas --without birch --without cedar
  groundwork snapshot restore --stack home          # goes on with the one that was begun
`;

interface RestoreOptions extends StackRequest {
  readonly from?: string;
  readonly fromSurvivor?: string;
  readonly without: readonly string[];
  readonly undo?: true;
  readonly yes?: true;
  readonly dryRun?: true;
}

/** `groundwork snapshot restore`. */
export function addRestore(snapshot: Command, { terminal, setExitCode }: VerbContext): void {
  const each = (name: string, before: readonly string[]): string[] => [...before, name];
  onStack(
    snapshot
      .command("restore")
      .summary("restore etcd on all servers")
      .description(RESTORE)
      .argument("[snapshot]", "its name or path, as 'groundwork snapshot list' shows it"),
  )
    .option("--from <server>", "the server that has the snapshot; it is restored first")
    .option("--from-survivor <server>", "no snapshot: go on with this server's own data, where most others are lost")
    .addOption(
      new Option("--without <server>", "a server whose machine is gone for good; can be given several times")
        .argParser(each)
        .default([], "none"),
    )
    .option("--undo", "take back a restore that was begun")
    .option("--dry-run", "show what would be done")
    .option("-y, --yes", "do not ask")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .action(async (wanted: string | undefined, options: RestoreOptions) => {
      const file = stackOnDisk(options, terminal);
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed
      const { withSite } = require("../operate/site") as typeof import("../operate/site");
      setExitCode(await withSite(file, terminal.env, (site) => run(site, wanted, options, terminal)));
    });
}

async function run(
  site: Site,
  wanted: string | undefined,
  options: RestoreOptions,
  terminal: Terminal,
): Promise<number> {
  /* eslint-disable @typescript-eslint/no-require-imports -- as above */
  const { planRestore } =
    require("../operate/snapshots/restorePlan") as typeof import("../operate/snapshots/restorePlan");
  const { restore, undoRestore } =
    require("../operate/snapshots/restore") as typeof import("../operate/snapshots/restore");
  /* eslint-enable @typescript-eslint/no-require-imports */
  const { from, fromSurvivor, without, undo } = options;
  const plan = await planRestore(site, {
    without,
    undo: undo === true,
    ...(wanted === undefined ? {} : { snapshot: wanted }),
    ...(from === undefined ? {} : { from }),
    ...(fromSurvivor === undefined ? {} : { fromSurvivor }),
  });
  terminal.out(planText(plan, undo === true, terminal));
  if (options.dryRun === true) return EXIT_CODES.ok;
  if (options.yes !== true && !(await confirm(undo === true ? "Take it back?" : "Restore?"))) {
    terminal.out("nothing was done\n");
    return EXIT_CODES.failed;
  }
  const width = Math.max(...site.hosts.map(({ name }) => name.length));
  const tell = (node: string, line: string): void => terminal.out(`${node.padEnd(width)}  ${line}\n`);
  try {
    if (undo === true) {
      await undoRestore(site, plan, tell);
      terminal.out("\nthe servers have what they had before, and k3s starts on them\n");
      return EXIT_CODES.ok;
    }
    const after = await restore(site, plan, tell);
    terminal.out(afterText(after, plan, terminal));
    return isWhole(after) ? EXIT_CODES.ok : EXIT_CODES.failed;
  } catch (error) {
    if (!GroundworkError.isInstance(error)) throw error;
    const remedy = "'groundwork snapshot restore' goes on from here once the cause is mended";
    throw new GroundworkError("failed", error.message, { remedy });
  }
}

function isWhole({ stray }: Restored): boolean {
  return stray.length === 0;
}
