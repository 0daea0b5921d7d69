import type { Settings } from "../../config/settings";
import type { Value } from "../resources";
import { defaultClassAnnotation, LOCAL_PATH_CLASS, type StorageClassFields } from "../storageClass";

/** Images of the provisioner, those of the pinned k3s. */
export const images = { localPathProvisioner: "v0.0.36", localPathHelper: "1.37.0" };

/** Where the provisioner takes its image and its directory from; k3s's own settings of the same meaning are followed. */
export interface LocalPathPlace {
  /** Directory on every node. */
  readonly directory: string;
  /** Registry in front of the image names, with its slash, or "". */
  readonly registry: string;
}

/** k3s's default for `default-local-storage-path`: volumes that k3s's own provisioner made stay where they are. */
const K3S_VOLUMES = "/var/lib/rancher/k3s/storage";

/** Reads `default-local-storage-path` and `system-default-registry` of the servers' further k3s settings. */
export function localPathPlace(k3s: Pick<Settings["k3s"], "server">): LocalPathPlace {
  const directory = k3s.server["default-local-storage-path"];
  const registry = k3s.server["system-default-registry"];
  return {
    directory: typeof directory === "string" ? directory : K3S_VOLUMES,
    registry: typeof registry === "string" && registry !== "" ? `${registry}/` : "",
  };
}

/** The class, with the provisioner's name that k3s uses, so that volumes survive the change from one to the other. */
export function localPathClass(isDefault: boolean): StorageClassFields {
  return {
    metadata: {
      name: LOCAL_PATH_CLASS,
      annotations: { defaultVolumeType: "local", ...defaultClassAnnotation(isDefault) },
    },
    provisioner: "rancher.io/local-path",
    reclaimPolicy: "Delete",
    volumeBindingMode: "WaitForFirstConsumer",
  };
}

/**
 * Configuration of the provisioner: the directory, and what its helper pod runs on a node to make and to remove a
 * volume's directory in it. https://github.com/rancher/local-path-provisioner#configuration
 */
export function localPathConfig(place: LocalPathPlace): Record<string, string> {
  const nodePathMap = [{ node: "DEFAULT_PATH_FOR_NON_LISTED_NODES", paths: [place.directory] }];
  return {
    "config.json": `${JSON.stringify({ nodePathMap }, null, 2)}\n`,
    // The volume is for any user; its parent only for root, so that one pod's user cannot walk to another's volume.
    setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "${VOL_DIR}"\nchmod 700 "${VOL_DIR}/.."\n',
    teardown: '#!/bin/sh\nset -eu\nrm -rf "${VOL_DIR}"\n',
    "helperPod.yaml": [
      "apiVersion: v1",
      "kind: Pod",
      "metadata:",
      "  name: helper-pod",
      "spec:",
      "  priorityClassName: system-node-critical",
      "  tolerations:",
      "    - operator: Exists",
      "  containers:",
      "    - name: helper-pod",
      `      image: ${place.registry}rancher/mirrored-library-busybox:${images.localPathHelper}`,
      "      imagePullPolicy: IfNotPresent",
      "",
    ].join("\n"),
  };
}

/** Rules of the provisioner: what it watches everywhere, and the helper pods in its own namespace. */
export const localPathRules = {
  cluster: [
    {
      apiGroups: [""],
      resources: ["nodes", "persistentvolumeclaims", "configmaps", "pods", "pods/log"],
      verbs: ["get", "list", "watch"],
    },
    {
      apiGroups: [""],
      resources: ["persistentvolumes"],
      verbs: ["get", "list", "watch", "create", "patch", "update", "delete"],
    },
    { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
    { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: ["get", "list", "watch"] },
  ],
  namespace: [
    { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch", "create", "patch", "update", "delete"] },
    // Leader election: without it two provisioners would make a volume twice during a rollout.
    {
      apiGroups: [""],
      resources: ["endpoints"],
      verbs: ["get", "list", "watch", "create", "patch", "update", "delete"],
    },
    {
      apiGroups: ["coordination.k8s.io"],
      resources: ["leases"],
      verbs: ["get", "list", "watch", "create", "patch", "update", "delete"],
    },
  ],
};

/** The provisioner's pod. */
export function localPathPodSpec(
  place: LocalPathPlace,
  serviceAccount: string,
  configMap: string,
): Readonly<Record<string, Value>> {
  return {
    serviceAccountName: serviceAccount,
    priorityClassName: "system-node-critical",
    tolerations: [
      { key: "CriticalAddonsOnly", operator: "Exists" },
      { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
    ],
    containers: [
      {
        name: "local-path-provisioner",
        image: `${place.registry}rancher/local-path-provisioner:${images.localPathProvisioner}`,
        command: ["local-path-provisioner", "start", "--config", "/etc/config/config.json"],
        env: [
          { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
          { name: "CONFIG_MOUNT_PATH", value: "/etc/config/" },
        ],
        resources: { requests: { cpu: "10m", memory: "32Mi" } },
        volumeMounts: [{ name: "config", mountPath: "/etc/config/" }],
      },
    ],
    volumes: [{ name: "config", configMap: { name: configMap } }],
  };
}
