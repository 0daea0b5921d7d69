import * as fs from "node:fs";
import * as path from "node:path";
import { scriptOf } from "../components/k3s/script";
import { loadSettings } from "../config/read/load";
import type { Settings } from "../config/settings";
import { stackFileSource } from "../config/read/stackFile";
import { desiredCluster } from "../desired/cluster";
import { allNodes } from "../desired/nodes";
import { inspectProgram, listenProgram, probeProgram } from "../operate/preflight/programs";

/**
 * Writes the whole scripts that hosts are sent into a directory, for shellcheck: the parts alone do not show what is set where.
 * One of each role is enough, for what differs between nodes are values.
 *
 * @returns the files.
 */
export function writeHostScripts(stackFile: string, directory: string): string[] {
  const source = stackFileSource(fs.readFileSync(stackFile, "utf8"), path.basename(stackFile), () => undefined);
  const settings = loadSettings(source, "check");
  const adopted = { ...settings, nodes: settings.nodes.map((node) => ({ ...node, adopt: true })) };
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
    const ports = { nonce: "0123", udp: [8472] };
    const programs = {
      token: token.program,
      drain: drain.program,
      host: host.program,
      ready: ready.program,
      inspect: inspectProgram(node, settings),
      listen: listenProgram(node.name, [6443], ports),
      probe: probeProgram({ name: node.name, interface: "wg0", mtu: 1420 }, [], ports),
    };
    return Object.entries(programs).map(([step, program]) => {
      const secrets = Object.fromEntries(program.secrets.map((name) => [name, "SECRET"]));
      const file = fileOf(`${role}-${step}`);
      fs.writeFileSync(file, `#!/bin/sh\n${scriptOf(program, secrets)}`);
      return file;
    });
  });
}
