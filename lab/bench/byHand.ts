import { randomBytes } from "node:crypto";
import { K3S_DIRECTORY } from "../../desired/host/k3sConfig";
import { shellQuote } from "../../components/k3s/script";
import { serviceName } from "../../desired/host/serviceName";
import type { LabPaths } from "../paths";
import { type Alone, timedSsh } from "./cluster";

export interface ByHand {
  /** From the start of the SSH client until the node is Ready. */
  readonly seconds: number;
  /** Of these, from `systemctl start` until the node is Ready, as the host tells. */
  readonly k3sSeconds: number;
}

/**
 * Starts k3s on a fresh host as a person would who knows all answers: the same binary from the same mirror, the same
 * configuration and unit, `systemctl start`, and kubectl until the node is Ready. Nothing is checked, nothing verified.
 */
export async function startByHand(paths: LabPaths, { host, node, release }: Alone): Promise<ByHand> {
  const wanted = node.files.put.filter(({ path }) => !/groundwork|\.service\.d\//.test(path));
  const service = serviceName("server");
  const token = randomBytes(24).toString("hex");
  const files = [
    ...wanted,
    { path: `${K3S_DIRECTORY}/token`, content: `${token}\n` },
    { path: `${K3S_DIRECTORY}/agent-token`, content: `${token}-agent\n` },
  ].map(({ path, content }) => `mkdir -p $(dirname ${path})\nprintf %s ${shellQuote(content)} >${path}`);
  const isReady = `kubectl --kubeconfig ${K3S_DIRECTORY}/k3s.yaml get node ${host} -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}'`;
  const script = [
    "set -eu",
    `curl -fsS -o /usr/local/bin/k3s ${release}`,
    "chmod 755 /usr/local/bin/k3s",
    ...files,
    "systemctl daemon-reload",
    "begin=$(date +%s%N)",
    `systemctl start ${service}`,
    `until [ "$(k3s ${isReady} 2>/dev/null)" = True ]; do`,
    `  [ $(($(date +%s%N) - begin)) -lt 240000000000 ] || { journalctl -n 20 -o cat -u ${service} >&2; exit 1; }`,
    "  sleep 0.1",
    "done",
    "echo $(($(date +%s%N) - begin))",
    "",
  ].join("\n");
  const { stdout, seconds } = await timedSsh(paths, host, "sudo -n sh -s", script);
  // It would take its share of the processors from what is measured next.
  await timedSsh(paths, host, `sudo -n systemctl stop ${service}`);
  return { seconds, k3sSeconds: Number(stdout.trim()) / 1e9 };
}
