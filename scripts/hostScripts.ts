import * as fs from "node:fs";
import * as path from "node:path";
import { scriptOf } from "../components/k3s/script";
import { loadSettings } from "../config/read/load";
import type { Settings } from "../config/settings";
import { stackFileSource } from "../config/read/stackFile";
import { desiredCluster } from "../desired/cluster";
import { allNodes } from "../desired/nodes";

/**
 * Writes the whole scripts that hosts are sent into a directory, for shellcheck: the parts alone do not show what is set where.
 * One of each role is enough, for what differs between nodes are values.
 *
 * @returns the files.
 */
export function writeHostScripts(stackFile: string, directory: string): string[] {
  const source = stackFileSource(fs.readFileSync(stackFile, "utf8"), path.basename(stackFile), () => undefined);
  const settings = loadSettings(source, "check");
  // With all parts that a stack may do without.
  const adopted: Settings = {
    ...settings,
    nodes: settings.nodes.map((node) => ({ ...node, adopt: true })),
    rollout: {
      ...settings.rollout,
      check: { command: "true", timeoutSeconds: 300 },
      window: { days: ["sun"], startTime: "22:00", endTime: "04:00", timeZone: "UTC" },
    },
  };
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(directory, { recursive: true });
  return [
    ...writeScripts(settings, (name) => path.join(directory, `${name}.sh`)),
    ...writeScripts(adopted, (name) => path.join(directory, `${name}-adopt.sh`)),
  ];
}

function writeScripts(settings: Settings, fileOf: (name: string) => string): string[] {
  const nodes = allNodes(desiredCluster(settings, "groundwork").nodes);
  return ["server", "agent"].flatMap((role) => {
    const node = nodes.find((each) => each.role === role);
    if (node === undefined) throw new Error(`the stack has no ${role}`);
    const { token, drain, host, ready } = node.steps;
    return Object.entries({ token, drain, host, ready }).map(([step, { program }]) => {
      const secrets = Object.fromEntries(program.secrets.map((name) => [name, "SECRET"]));
      const file = fileOf(`${role}-${step}`);
      fs.writeFileSync(file, `#!/bin/sh\n${scriptOf(program, secrets)}`);
      return file;
    });
  });
}
