import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { LocalWorkspace, PulumiCommand, type EngineEvent, type PulumiFn } from "@pulumi/pulumi/automation";
import type { EngineUnderTest, Observed } from "./suite";

/** The directory above `bin/pulumi`: of PATH's, or of one that the `pulumi` npm package or an installer left. */
export function pulumiRoot(): string | undefined {
  const inPath = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  // The npm package's own `pulumi` is a script that downloads the CLI: only what is here already counts.
  const installed = inPath.filter((directory) => !directory.includes("node_modules")).map(dirname);
  const home = process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
  const versions = existsSync(join(home, "versions")) ? readdirSync(join(home, "versions")).sort().reverse() : [];
  const roots = [...installed, home, ...versions.map((version) => join(home, "versions", version))];
  return roots.find((root) => existsSync(join(root, "bin", "pulumi")));
}

/** A stack on the real engine, with a state of its own in `directory`. */
export async function realEngineIn(directory: string, root: string): Promise<EngineUnderTest> {
  const [backend, workDir] = [join(directory, "backend"), join(directory, "work")];
  for (const each of [backend, workDir]) mkdirSync(each);
  const pulumiCommand = await PulumiCommand.get({ root });
  const empty: PulumiFn = async () => undefined;
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "lab", projectName: "groundwork", program: empty },
    {
      workDir,
      pulumiCommand,
      envVars: {
        PULUMI_BACKEND_URL: `file://${backend}`,
        PULUMI_CONFIG_PASSPHRASE: "lab",
        PULUMI_SKIP_UPDATE_CHECK: "1",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
      },
    },
  );
  return {
    run: async (does, program) => {
      stack.workspace.program = async () => program() as Record<string, unknown> | undefined;
      const operations = new Map<string, string>();
      const said: string[] = [];
      const onEvent = (event: EngineEvent) => {
        const { op, urn, type } = event.resourcePreEvent?.metadata ?? {};
        if (op && urn && type && op !== "same" && !type.startsWith("pulumi:")) {
          operations.set(urn, `${op.includes("replace") ? "replace" : op} ${urn.split("::").at(-1)}`);
        }
        if (event.diagnosticEvent?.severity === "error") said.push(event.diagnosticEvent.message);
      };
      const done = () => [...operations.values()];
      try {
        let outputs: Observed["outputs"] = {};
        if (does === "preview") await stack.preview({ onEvent });
        else if (does === "destroy") await stack.destroy({ onEvent });
        else outputs = (await stack.up({ onEvent })).outputs;
        return { operations: done(), outputs };
      } catch (error) {
        return { operations: done(), outputs: {}, failure: [...said, (error as Error).message].join("\n") };
      }
    },
  };
}
