import type { Finding } from "../finding";
import { condition, type KubeNode } from "../kubeObjects";
import { error, ok, warning } from "./finding";
import type { AskedHost } from "./hosts";

/** What of etcd is not well, by its members' hosts and by the conditions that k3s writes on their Nodes. Pure. */
export function checkEtcd(
  hosts: readonly AskedHost[],
  nodes: readonly KubeNode[],
  servers: readonly string[],
): Finding[] {
  const asked = hosts.filter(({ node }) => node.role === "server");
  const findings = [
    ...checkVoters(nodes, servers),
    ...asked.flatMap(({ node, health }) => (health.etcd === undefined ? [] : checkMember(node.name, health.etcd))),
    ...checkCount(asked, servers),
  ];
  return findings.length > 0
    ? findings
    : [ok("etcd", undefined, `${String(servers.length)} members, all of them voters`)];
}

/** k3s: pkg/etcd/etcd.go, manageLearners: MemberNotLearner, MemberIsLearner, Unhealthy, NotAMember. */
function checkVoters(nodes: readonly KubeNode[], servers: readonly string[]): Finding[] {
  const members = nodes.filter(({ metadata }) => metadata.labels?.["node-role.kubernetes.io/etcd"] === "true");
  const findings = servers.flatMap((name): Finding[] => {
    const known = nodes.find(({ metadata }) => metadata.name === name);
    if (known === undefined || condition(known, "EtcdIsVoter") === true) return [];
    const { reason = "", message = "" } = known.status.conditions?.find(({ type }) => type === "EtcdIsVoter") ?? {};
    if (reason === "MemberIsLearner") {
      const remedy = `groundwork node logs ${name} --since 1h: it has to take over the data before it may vote`;
      return [error("etcd", name, "its member is still a learner and has no vote", remedy)];
    }
    return [
      error(
        "etcd",
        name,
        `its member does not vote: ${[reason, message].filter((text) => text !== "").join(": ")}`,
        `groundwork node logs ${name}`,
      ),
    ];
  });
  const alive = members.filter((node) => condition(node, "Ready") === true && condition(node, "EtcdIsVoter") === true);
  const quorum = Math.floor(members.length / 2) + 1;
  if (members.length > 2 && alive.length === quorum) {
    findings.push(
      warning(
        "etcd",
        undefined,
        `${String(alive.length)} of ${String(members.length)} members vote: no further server may fail`,
        "bring the others back",
      ),
    );
  }
  return findings;
}

function checkMember(name: string, etcd: NonNullable<AskedHost["health"]["etcd"]>): Finding[] {
  if (etcd.isSilent) return [];
  const findings: Finding[] = [];
  if (etcd.hasLeader === false) {
    findings.push(
      error(
        "etcd",
        name,
        "its member sees no leader: etcd has no quorum",
        "bring the other servers back; see 'groundwork status'",
      ),
    );
  }
  const share = etcd.size === undefined || etcd.quota === undefined || etcd.quota === 0 ? 0 : etcd.size / etcd.quota;
  if (share > 0.5) {
    const message = `etcd's data is ${mib(etcd.size ?? 0)} MiB of at most ${mib(etcd.quota ?? 0)} MiB`;
    const remedy =
      "find what fills it (kubectl get --raw /metrics | grep apiserver_storage_objects); beyond the limit nothing can be written";
    findings.push((share > 0.8 ? error : warning)("etcd-size", name, message, remedy));
  }
  if (etcd.health !== "" && !/"health"\s*:\s*"?true/.test(etcd.health)) {
    findings.push(
      error(
        "etcd",
        name,
        `etcd says of itself: ${etcd.health.slice(0, 200)}`,
        "for an alarm NOSPACE: make room, then restart k3s, which disarms it",
      ),
    );
  }
  return findings;
}

/** A machine that is gone for good is still counted for quorum until its member is removed. */
function checkCount(asked: readonly AskedHost[], servers: readonly string[]): Finding[] {
  const most = Math.max(0, ...asked.map(({ health }) => health.etcd?.members.length ?? 0));
  if (most === 0 || most === servers.length) return [];
  const message = `etcd has ${String(most)} members, and the stack ${String(servers.length)} servers`;
  return [
    error(
      "etcd-members",
      undefined,
      message,
      "run up where a server is still to join or to leave; a member whose machine is gone counts for quorum",
    ),
  ];
}

function mib(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0);
}
