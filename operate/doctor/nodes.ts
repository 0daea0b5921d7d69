import type { DesiredNode } from "../../desired/nodes";
import type { Finding } from "../finding";
import { condition, type KubeNode } from "../kubeObjects";
import { error, ok, warning } from "./finding";

/** True is bad in these (kubernetes.io: Node Status). */
const PRESSURES = ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"];
/** After it a turn that nobody ended is over (components/k3s/scripts/kubectl.sh, ask_servers). */
const TURN_SECONDS = 900;

/** What of the nodes is not well, as the API knows them. Pure. */
export function checkNodes(wanted: readonly DesiredNode[], known: readonly KubeNode[], now: Date): Finding[] {
  const findings = wanted.flatMap((node) => {
    const found = known.find(({ metadata }) => metadata.name === node.name);
    if (found === undefined) return [error("node", node.name, "it is not a member of the cluster", "run up")];
    return [...checkState(node, found), ...checkSkew(node, found, wanted, known), ...checkMarks(node.name, found, now)];
  });
  const names = new Set(wanted.map(({ name }) => name));
  for (const { metadata } of known.filter(({ metadata: { name } }) => !names.has(name))) {
    findings.push(
      warning(
        "node",
        metadata.name,
        "it is a member, and not in the stack file",
        "add it to 'nodes', or kubectl delete node",
      ),
    );
  }
  return findings.length > 0 ? findings : [ok("node", undefined, `${String(wanted.length)} nodes are Ready`)];
}

function checkState({ name, role }: DesiredNode, node: KubeNode): Finding[] {
  const findings: Finding[] = [];
  if (condition(node, "Ready") !== true) {
    const { message = "it does not say why" } = node.status.conditions?.find(({ type }) => type === "Ready") ?? {};
    findings.push(
      error("node", name, `not Ready: ${message}`, `groundwork node logs ${name}; see '${role}' in groundwork status`),
    );
  }
  for (const type of PRESSURES.filter((each) => condition(node, each) === true)) {
    findings.push(
      error(
        "node",
        name,
        `${type}: ${node.status.conditions?.find((each) => each.type === type)?.message ?? ""}`,
        `groundwork node shell ${name}`,
      ),
    );
  }
  return findings;
}

/** Kubernetes' version skew policy: no kubelet newer than an API server, and at most three minor releases older. */
function checkSkew(
  { name, version }: DesiredNode,
  node: KubeNode,
  wanted: readonly DesiredNode[],
  known: readonly KubeNode[],
): Finding[] {
  const running = node.status.nodeInfo?.kubeletVersion ?? "";
  const findings =
    running === version
      ? []
      : [warning("version", name, `k3s ${running} runs, the stack says ${version}`, "run up, or groundwork drift")];
  const servers = new Set(wanted.filter(({ role }) => role === "server").map((each) => each.name));
  const oldest = Math.min(
    ...known
      .filter(({ metadata }) => servers.has(metadata.name))
      .map((each) => minorOf(each.status.nodeInfo?.kubeletVersion)),
  );
  const own = minorOf(running);
  if (own > oldest) {
    findings.push(
      error("version", name, `its kubelet ${running} is newer than a server's`, "upgrade the servers first"),
    );
  }
  if (own + 3 < oldest) {
    findings.push(
      error(
        "version",
        name,
        `its kubelet ${running} is more than three minor releases older than the servers`,
        "run up",
      ),
    );
  }
  return findings;
}

function minorOf(version = ""): number {
  return Number(/^v\d+\.(\d+)\./.exec(version)?.[1] ?? Number.NaN);
}

/** What a run or a person left on the node. */
function checkMarks(name: string, { metadata, spec }: KubeNode, now: Date): Finding[] {
  const { labels = {}, annotations = {} } = metadata;
  const findings: Finding[] = [];
  const uncordon = `groundwork node uncordon ${name}`;
  if (labels["groundwork/drained"] === "true") {
    findings.push(warning("cordoned", name, "a run drained it and did not end", `run up, or ${uncordon}`));
  } else if (spec.unschedulable === true) {
    const since = annotations["groundwork/maintenance"];
    findings.push(
      warning(
        "cordoned",
        name,
        since === undefined ? "it is cordoned" : `it is drained for maintenance since ${since}`,
        uncordon,
      ),
    );
  }
  const down = Number(annotations["groundwork/down"] ?? Number.NaN);
  if (now.getTime() / 1000 - down > TURN_SECONDS) {
    findings.push(warning("cut-off", name, "its turn to restart was not ended by the run that began it", "run up"));
  }
  if (annotations["etcd.k3s.cattle.io/remove"] === "true") {
    findings.push(
      error(
        "cut-off",
        name,
        "its member is asked to leave etcd, and has not left",
        "run up: it ends the leave, or takes it back",
      ),
    );
  }
  if (metadata.deletionTimestamp !== undefined) {
    findings.push(
      error(
        "cut-off",
        name,
        `it is being deleted since ${metadata.deletionTimestamp}`,
        "run up, which ends it where the node is not wanted any more",
      ),
    );
  }
  return findings;
}
