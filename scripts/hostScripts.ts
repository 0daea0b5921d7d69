import * as fs from "node:fs";
import * as path from "node:path";
import { scriptOf } from "../components/k3s/script";
import { loadSettings } from "../config/read/load";
import type { Settings } from "../config/settings";
import { stackFileSource } from "../config/read/stackFile";
import { desiredCluster } from "../desired/cluster";
import type { HostProgram } from "../desired/host/program";
import { allNodes } from "../desired/nodes";
import { doctorProgram } from "../operate/doctor/host";
import { driftProgram } from "../operate/drift/host";
import { maintenanceProgram } from "../operate/node/maintain";
import { secretsKeyProgram } from "../operate/secretsKey/programs";
import { agentBackProgram, authoritiesProgram } from "../operate/authorities/programs";
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
  const [server] = settings.nodes.filter(({ role }) => role === "server");
  if (server === undefined) throw new Error("the stack has no server");
  const lost = { ...settings, nodes: [...settings.nodes, { ...server, name: "lost", lost: true }] };
  // With all parts that a stack may do without.
  const adopted: Settings = {
    ...settings,
    nodes: settings.nodes.map((node) => ({ ...node, adopt: true })),
    network: {
      ...settings.network,
      wireguard: { cidr: "10.44.0.0/24", interface: "wgmesh0", port: 51_820, keepaliveSeconds: 25, peers: {} },
    },
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
    ...desiredCluster(lost, "groundwork").nodes.lost.map(({ forget }) =>
      writeScript(path.join(directory, "lost-forget.sh"), forget.program),
    ),
  ];
}

function writeScripts(settings: Settings, fileOf: (name: string) => string): string[] {
  const nodes = allNodes(desiredCluster(settings, "groundwork").nodes);
  return ["server", "agent"].flatMap((role) => {
    const node = nodes.find((each) => each.role === role);
    if (node === undefined) throw new Error(`the stack has no ${role}`);
    const { token, drain, host, ready } = node.steps;
    const mesh: [string, HostProgram][] =
      node.mesh === undefined
        ? []
        : [
            ["meshKey", node.mesh.key.program],
            ["mesh", node.mesh.mesh.program],
          ];
    const ports = { nonce: "0123", udp: [8472] };
    const steps = Object.entries({ token, drain, host, ready }).map(([name, { program }]) => [name, program] as const);
    const verbs = Object.entries({
      doctor: doctorProgram(node, {}),
      drift: driftProgram(node, false),
      maintain: maintenanceProgram(node, node.operator.name),
      ...(node.role === "server" ? { secretsKey: secretsKeyProgram(settings, node, node.name) } : {}),
      authorities: authoritiesProgram(settings, node, { next: "0", pin: "0" }),
      ...(node.role === "agent" ? { agentBack: agentBackProgram(settings, node, node.operator.name) } : {}),
      inspect: inspectProgram(node, settings),
      listen: listenProgram(node.name, [6443], ports),
      probe: probeProgram({ name: node.name, interface: "wg0", mtu: 1420 }, [], ports),
    });
    return [...mesh, ...steps, ...verbs].map(([step, program]) => writeScript(fileOf(`${role}-${step}`), program));
  });
}

function writeScript(file: string, program: HostProgram): string {
  const given = [...program.secrets, ...(program.awaited ?? [])];
  const secrets = Object.fromEntries(given.map((name) => [name, "SECRET"]));
  fs.writeFileSync(file, `#!/bin/sh\n${scriptOf(program, secrets)}`);
  return file;
}
