import type { Command } from "commander";
import type { SnapshotList } from "../operate/snapshots/model";
import { table } from "../plan/render/layout";
import { EXIT_CODES } from "./exitCodes";
import { onStack, stackOnDisk, type StackRequest } from "./onStack";
import { addRestore } from "./snapshotRestore";
import { sizeText } from "./sizeText";
import type { Terminal } from "./terminal";
import type { VerbContext } from "./verb";

const SAVE = `Save a snapshot of etcd on a server, with the token that opens it beside it.

It is kept in /var/lib/groundwork/snapshots until you remove it, and uploaded as well where k3s.snapshots.s3 is set.`;

const LIST = `Show the snapshots of etcd on all servers: those of k3s's schedule, and those that Groundwork saved.

Every server is asked at once; nothing is changed. Exits with 1 when a server does not say.`;

/** `groundwork snapshot save|list|restore`. */
export function addSnapshot(program: Command, context: VerbContext): void {
  const { terminal, setExitCode } = context;
  const snapshot = program.command("snapshot").summary("save, list and restore snapshots of etcd");
  snapshot.description("Save, list and restore snapshots of a cluster's etcd.").helpCommand(false);
  onStack(snapshot.command("save").summary("save a snapshot on a server").description(SAVE))
    .option("--name <name>", "what its file's name begins with (default: on-demand)")
    .option("--node <server>", "the server that saves it (default: the first that answers)")
    .option("--json", "as JSON")
    .allowExcessArguments(false)
    .action(async (request: SaveRequest) => save(request, terminal));
  onStack(snapshot.command("list").summary("show the snapshots on all servers").description(LIST))
    .option("--json", "as JSON")
    .allowExcessArguments(false)
    .action(async (request: ListRequest) => setExitCode(await list(request, terminal)));
  addRestore(snapshot, context);
}

interface SaveRequest extends StackRequest {
  readonly name?: string;
  readonly node?: string;
  readonly json?: true;
}

async function save(request: SaveRequest, terminal: Terminal): Promise<void> {
  /* eslint-disable @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed */
  const { withSite } = require("../operate/site") as typeof import("../operate/site");
  const { saveSnapshot } = require("../operate/snapshots/save") as typeof import("../operate/snapshots/save");
  /* eslint-enable @typescript-eslint/no-require-imports */
  const { name, node } = request;
  const saved = await withSite(stackOnDisk(request, terminal), terminal.env, (site) =>
    saveSnapshot(site, { ...(name === undefined ? {} : { name }), ...(node === undefined ? {} : { node }) }),
  );
  terminal.out(
    request.json === true
      ? `${JSON.stringify(saved, undefined, 2)}\n`
      : `saved ${saved.path} on ${saved.node} (${sizeText(saved.bytes)}, ${saved.version})\n`,
  );
}

interface ListRequest extends StackRequest {
  readonly json?: true;
}

async function list(request: ListRequest, terminal: Terminal): Promise<number> {
  /* eslint-disable @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed */
  const { withSite } = require("../operate/site") as typeof import("../operate/site");
  const { listSnapshots } = require("../operate/snapshots/list") as typeof import("../operate/snapshots/list");
  /* eslint-enable @typescript-eslint/no-require-imports */
  const found = await withSite(stackOnDisk(request, terminal), terminal.env, listSnapshots);
  terminal.out(request.json === true ? `${JSON.stringify(found, undefined, 2)}\n` : listText(found, terminal));
  return found.silent.length === 0 ? EXIT_CODES.ok : EXIT_CODES.failed;
}

/** The list as a table, and below it who did not say. */
export function listText({ snapshots, silent }: SnapshotList, { paint }: Pick<Terminal, "paint">): string {
  const rows = snapshots.map(({ name, node, bytes, time, version, path }) => [
    name,
    node,
    `${time.slice(0, 16).replace("T", " ")} UTC`,
    sizeText(bytes),
    version === "" ? "unknown" : version,
    path.slice(0, path.lastIndexOf("/")),
  ]);
  const [header = "", ...lines] = table(["NAME", "NODE", "SAVED", "SIZE", "K3S", "IN"], rows);
  const shown = rows.length === 0 ? ["no server has a snapshot"] : [paint.heading(header), ...lines];
  const notes = silent.map(({ node, reason }) => paint.warning(`${node}: ${reason}`));
  return [...shown, ...(notes.length === 0 ? [] : ["", ...notes]), ""].join("\n");
}
