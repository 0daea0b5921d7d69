import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { findPulumi } from "../../automation/pulumiCli";

const PLUGINS = ["command", "kubernetes", "random"] as const;

/** Why Pulumi's engine cannot be used here, or undefined. */
export async function noEngine(): Promise<string | undefined> {
  try {
    await findPulumi({ environment: process.env });
  } catch (error) {
    return (error as Error).message;
  }
  const plugins = path.join(process.env["PULUMI_HOME"] ?? path.join(os.homedir(), ".pulumi"), "plugins");
  // A download that was cut off leaves the directory.
  const absent = PLUGINS.map((name) => `resource-${name}-v${installedVersion(name)}`).filter(
    (directory, place) => !fs.existsSync(path.join(plugins, directory, `pulumi-resource-${PLUGINS[place]!}`)),
  );
  return absent.length === 0 ? undefined : `Pulumi's plugins are not installed: ${absent.join(", ")}`;
}

/** Version of the SDK, which is the version of the plugin that the engine wants. */
function installedVersion(name: string): string {
  const file = path.join(__dirname, "..", "..", "node_modules", "@pulumi", name, "package.json");
  return (JSON.parse(fs.readFileSync(file, "utf8")) as { version: string }).version;
}
