import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { GroundworkError } from "../config/groundworkError";
import { problemLine, type Problem } from "../config/problem";
import type { FirstStackFile } from "../operate/init/init";
import type { Requested } from "../operate/init/request";
import { findProject } from "../plan/run/stackFiles";
import { confirm } from "./confirm";
import { inProject } from "./onStack";
import type { Terminal } from "./terminal";
import type { VerbContext } from "./verb";

const DESCRIPTION = `Make a stack's first file from machines that you reach by SSH.

Each machine is asked for its host key, which your known_hosts knows or you are asked about, and is looked at with your own key or
ssh-agent: distribution, memory, disks, interfaces, resolvers, a k3s that is there already. Out comes Pulumi.<stack>.yaml with what
was found, and the secrets are set through the Pulumi CLI. Nothing on a machine is changed, and nothing is written when one of
them cannot be looked at.

A machine is [NAME=][USER@]HOST[:PORT]; what ~/.ssh/config says of it counts. Without --server you are asked.`;

const EXAMPLES = `
Examples:
  groundwork init --stack home --server admin@192.168.1.10 --agent 192.168.1.11 --agent 192.168.1.12
  groundwork init --stack home --server atlas=10.0.0.1 --interface wg0
`;

interface Request {
  readonly stack?: string;
  readonly cwd?: string;
  readonly server: string[];
  readonly agent: string[];
  readonly interface?: string;
  readonly identity?: string;
  readonly knownHosts?: string;
  readonly yes?: true;
  readonly acceptNewHostKeys?: true;
}

/** `groundwork init`. */
export function addInit(program: Command, { terminal }: VerbContext): void {
  const more = (value: string, before: string[]): string[] => [...before, value];
  inProject(
    program
      .command("init")
      .summary("make a stack's first file from machines that you reach by SSH")
      .description(DESCRIPTION),
  )
    .option("-s, --stack <name>", "the stack to make")
    .option("--server <machine>", "a server, in the order in which they join; may be given again", more, [])
    .option("--agent <machine>", "an agent; may be given again", more, [])
    .option(
      "--interface <name>",
      "interface for the nodes' traffic, for instance the VPN's; its addresses become internalIp",
    )
    .option("--identity <file>", "private key for the machines (default: what ~/.ssh/config says, or ~/.ssh/id_*)")
    .option("--known-hosts <file>", "file of known host keys (default: ~/.ssh/known_hosts)")
    .option("--yes", "ask nothing: only host keys that known_hosts has are taken")
    .option("--accept-new-host-keys", "take host keys that known_hosts does not have, unseen")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .action(async (request: Request) => {
      await init(request, terminal);
    });
}

async function init(request: Request, terminal: Terminal): Promise<void> {
  const { directory, name: project } = findProject(resolve(terminal.cwd, request.cwd ?? "."));
  const canAsk = request.yes !== true && process.stdin.isTTY && process.stdout.isTTY;
  const { stack, server, agent } = request.server.length === 0 && canAsk ? await asked(request) : request;
  if (stack === undefined || !/^[A-Za-z0-9._-]{1,100}$/.test(stack)) {
    throw new GroundworkError("usage", "which stack? Name it with --stack, in letters, digits, '.', '_' and '-'");
  }
  if (server.length === 0) throw new GroundworkError("usage", "no server; name at least one with --server");
  const file = join(directory, `Pulumi.${stack}.yaml`);
  /* eslint-disable @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed */
  const { initStack } = require("../operate/init/init") as typeof import("../operate/init/init");
  /* eslint-enable @typescript-eslint/no-require-imports */
  const made = await initStack({
    stack,
    project,
    file,
    requested: readMachines(server, agent, request.identity),
    interface: request.interface,
    knownHosts: request.knownHosts ?? join(homedir(), ".ssh", "known_hosts"),
    agentSocket: request.identity === undefined ? terminal.env["SSH_AUTH_SOCK"] : undefined,
    acceptNewHostKeys: request.acceptNewHostKeys === true,
    confirmKey: canAsk ? confirmKey : undefined,
    progress: (line) => terminal.err(`${line} …\n`),
  });
  writeFileSync(`${file}.new`, made.text);
  renameSync(`${file}.new`, file);
  terminal.out(
    `wrote Pulumi.${stack}.yaml: ${made.hosts.length} ${made.hosts.length === 1 ? "machine" : "machines"}\n`,
  );
  await setSecrets(made, { stack, directory }, terminal);
  terminal.out(`\nNext:\n  groundwork preflight --stack ${stack}\n  groundwork plan --stack ${stack}\n`);
}

function readMachines(
  servers: readonly string[],
  agents: readonly string[],
  identity: string | undefined,
): Requested[] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- as above
  const { readRequested } = require("../operate/init/request") as typeof import("../operate/init/request");
  const home = homedir();
  const config = join(home, ".ssh", "config");
  const context = {
    sshConfig: existsSync(config) ? readFileSync(config, "utf8") : "",
    localUser: userInfo().username,
    home,
    defaultIdentities: ["id_ed25519", "id_ecdsa", "id_rsa"].map((name) => join(home, ".ssh", name)),
  };
  const read = [
    ...servers.map((written) => readRequested("server", written, context)),
    ...agents.map((written) => readRequested("agent", written, context)),
  ];
  const problems = read.filter((each): each is Problem => "problem" in each);
  if (problems.length > 0) throw new GroundworkError("usage", problems.map(problemLine).join("\n"));
  const machines = read.filter((each): each is Requested => "role" in each);
  return identity === undefined ? machines : machines.map((each) => ({ ...each, identityFiles: [resolve(identity)] }));
}

async function setSecrets(
  { identityFile }: FirstStackFile,
  { stack, directory }: { readonly stack: string; readonly directory: string },
  terminal: Terminal,
): Promise<void> {
  const byHand = (file: string): string =>
    `  pulumi stack init ${stack}\n  pulumi config set --stack ${stack} --secret --path 'groundwork:ssh.privateKey' < ${file}\n`;
  if (identityFile === undefined) {
    terminal.out(
      `\nThe machines let in a key of your ssh-agent, which keeps it. Give the stack a key without a passphrase that they accept:\n${byHand("FILE")}`,
    );
    return;
  }
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- as above
  const { setPrivateKey } = require("../operate/init/setSecret") as typeof import("../operate/init/setSecret");
  const why = await setPrivateKey(identityFile, { stack, directory, environment: terminal.env });
  if (why === undefined) terminal.out(`set the secret groundwork:ssh.privateKey from ${identityFile}\n`);
  else terminal.out(`\nThe secret was not set: ${why}. Set it with:\n${byHand(identityFile)}`);
}

async function confirmKey({ written }: Requested, { fingerprint }: { readonly fingerprint: string }): Promise<boolean> {
  return await confirm(`${written} shows the host key ${fingerprint}. Is it the right one?`);
}

/** Asks for what was not given. */
async function asked(request: Request): Promise<Pick<Request, "stack" | "server" | "agent">> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only where somebody is asked
  const { default: input } = require("@inquirer/input") as typeof import("@inquirer/input");
  const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== "");
  const stack = request.stack ?? (await input({ message: "Name of the stack:", default: "home" }));
  const server = words(await input({ message: "Servers, as USER@HOST, separated by spaces:", required: true }));
  const agent =
    request.agent.length > 0 ? request.agent : words(await input({ message: "Agents (none: just Enter):" }));
  return { stack, server, agent };
}
