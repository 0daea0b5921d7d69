import { group, groups, number, text, texts, type Fields } from "../object";
import { allContainers, called, podSpec } from "./pods";
import type { Rule } from "./rule";

/** What a container may be given, https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline */
const BASELINE_CAPABILITIES = [
  ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"],
  ...["SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"],
];

const HOST_NAMESPACES = ["hostNetwork", "hostPID", "hostIPC"];

export const privilegedPod: Rule = {
  reason: "whoever gets into such a pod may get its node, and with a node all that runs there",
  remedy: "take it out, or name the object among the exceptions of privileged-pod, with the reason",
  find: (object) => {
    const spec = podSpec(object);
    if (spec === undefined) return [];
    return [
      ...HOST_NAMESPACES.filter((name) => spec[name] === true).map((name) => `has ${name}`),
      ...groups(spec["volumes"]).flatMap(hostPath),
      ...allContainers(spec).flatMap((container) => inContainer(container, spec["hostNetwork"] === true)),
    ];
  },
};

function hostPath({ hostPath: mounted }: Fields): string[] {
  if (mounted === undefined || mounted === null) return [];
  return [`mounts ${text(group(mounted)["path"]) ?? "a path"} of the host`];
}

function inContainer(container: Fields, isOnHost: boolean): string[] {
  const security = group(container["securityContext"]);
  const added = texts(group(security["capabilities"])["add"]).filter((name) => !BASELINE_CAPABILITIES.includes(name));
  // On the host's network, each port is one of the host's: that is said already.
  const ports = isOnHost ? [] : groups(container["ports"]).flatMap(({ hostPort }) => number(hostPort) ?? []);
  return [
    ...(security["privileged"] === true ? [`${called(container)} is privileged`] : []),
    ...(added.length === 0 ? [] : [`${called(container)} has the capabilities ${added.join(", ")}`]),
    ...ports.filter((port) => port > 0).map((port) => `${called(container)} takes port ${port} of the host`),
  ];
}
