import { InvalidArgumentError, Option, type Command } from "commander";
import type { LabVerbs } from "../lab/verbs";
import { completeWith } from "./completer";
import type { VerbContext } from "./verb";

const DESCRIPTION = `Disposable hosts in Docker, reached over SSH as any server is, with a VPN interface, a resolver and a k3s mirror:
a place for the first 'up', for tests and for figures. Nothing of it is reachable from other machines.`;

const EXAMPLES = `
Examples:
  groundwork lab run                     one server and two agents, and the whole program applied to them
  groundwork lab up --servers 3          only the hosts, and Pulumi.lab.yaml
  groundwork lab ssh agent-1 -- ip address show vpn0
  groundwork lab up --name ha --servers 3 --agents 0    a second lab beside the first
  groundwork lab down                    takes everything away again
`;

/** `groundwork lab …`. What it needs is loaded when it runs: help and completion stay quick. */
export function addLab(program: Command, { terminal, setExitCode }: VerbContext): void {
  const load = (): LabVerbs => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads the lab: only where it is needed
    const { labVerbs } = require("../lab/verbs") as typeof import("../lab/verbs");
    return labVerbs(terminal);
  };
  const lab = program
    .command("lab")
    .summary("make disposable hosts in Docker, and a cluster on them")
    .description(DESCRIPTION)
    .addHelpText("after", EXAMPLES);
  const verb = (name: string, summary: string): Command =>
    lab
      .command(name)
      .summary(summary)
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
      .allowExcessArguments(false)
      .addOption(
        completeWith(new Option("--name <name>", "the lab, where there are several").default("default"), () =>
          load().names(),
        ),
      );

  for (const name of ["up", "run"] as const) {
    const summary =
      name === "up" ? "make the lab's hosts, or mend them" : "make the hosts, and apply the stack to them";
    const command = verb(name, summary)
      .option("--servers <count>", "number of servers (default: as it is; 1 in a new lab)", wholeNumber)
      .option("--agents <count>", "number of agents (default: as it is; 2 in a new lab)", wholeNumber)
      .option(
        "--k3s <source>",
        "hollow: compiled here. real: the official release. Or the path of a k3s binary (default: hollow)",
      )
      .addOption(new Option("--charts <charts>", "whose charts a new stack's file names").choices(["stand-in", "real"]))
      .option(
        "--install-docker",
        "where no container engine runs: install Debian's docker.io, and start one for the lab",
      );
    if (name === "run") {
      command.addOption(new Option("--engine <engine>", "what applies the stack").choices(["pulumi", "lab"]));
    }
    command.action(async (options: Parameters<LabVerbs["run"]>[0]) => {
      await load()[name](options);
    });
  }
  verb("status", "show the lab's hosts as they are now")
    .option("--json", "as JSON")
    .action(async (options: { name: string; json?: true }) => {
      setExitCode(await load().status(options));
    });
  verb("ssh", "connect to a host, or run a command there")
    .argument("<host>", "server-1, agent-1, …")
    .argument("[command...]", "after --: what to run there instead of a shell")
    .action(async (host: string, command: string[], options: { name: string }) => {
      setExitCode(await load().ssh(host, command, options));
    });
  verb("release", "put further k3s releases into the lab's mirror, for upgrades")
    .argument("<version...>", "versions such as v1.35.6+k3s1")
    .action(async (versions: string[], options: { name: string }) => {
      await load().release(versions, options);
    });
  verb("down", "remove the lab: hosts, network, files")
    .option("--purge", "also what the next lab would use again: the image, builds of hollow k3s, fetched releases")
    .action(async (options: { name: string; purge?: true }) => {
      await load().down(options);
    });
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a whole number.");
}
