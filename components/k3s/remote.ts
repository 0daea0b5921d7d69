import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { HostStep } from "../../desired/host/steps";
import { inputAsRoot } from "../../desired/ssh";
import { connectionTo } from "./connection";
import { scriptOf } from "./script";

/** A step's script as its command reads it. With sudo's password before it, all of it is a secret. @param given What it awaits. */
export function stdinOf(
  { on, program }: HostStep,
  given: Readonly<Record<string, string>> = {},
): pulumi.Output<string> {
  const script = scriptOf(program, given);
  return on.ssh.sudoPassword === undefined ? pulumi.output(script) : pulumi.secret(inputAsRoot(on.ssh, script));
}

/** Where a step runs, and what is run there. */
export function remote(step: HostStep): Omit<command.remote.CommandArgs, "stdin"> {
  return {
    connection: connectionTo(step.on.ssh),
    addPreviousOutputInEnv: false,
    create: step.create,
    ...(step.delete === undefined ? {} : { delete: step.delete }),
  };
}
