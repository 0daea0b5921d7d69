import { object } from "../resources";
import type { Addon } from "../addon";
import { corednsChecks } from "./checks";
import { corednsFiles } from "./files";

/**
 * What the stack adds to the CoreDNS that k3s brings. It survives restarts of k3s, which writes its own ConfigMap only.
 *
 * CoreDNS is not restarted for it: its `reload` plugin compares the Corefile with the imported files in it, and the
 * kubelet brings a changed ConfigMap (also one that was not there when the pod started, k3s mounts it as optional) into
 * the pod. Together that takes up to two minutes; a file that CoreDNS refuses leaves the running configuration in place,
 * where a restart would take the cluster's name resolution down with it.
 */
export const coredns: Addon = {
  name: "coredns",
  path: "dns",
  isInstalled: ({ dns }) => Object.keys(corednsFiles(dns)).length > 0,
  checks: corednsChecks,
  decide: ({ dns }) => {
    const files = corednsFiles(dns);
    if (Object.keys(files).length === 0) return { addon: undefined };
    const name = "coredns-custom";
    const configMap = object({
      name,
      apiVersion: "v1",
      kind: "ConfigMap",
      fields: { metadata: { name, namespace: "kube-system" }, data: files },
    });
    return {
      addon: {
        type: "groundwork:addons:CoreDns",
        name: "coredns",
        resources: [configMap],
        groups: [],
        outputs: { configMap: name },
      },
    };
  },
};
