import * as assert from "node:assert/strict";
import { certManagerValues } from "../../addons/cert-manager/values";
import { ingressNginxValues, refusesChallengePaths } from "../../addons/ingress-nginx/values";
import { longhornReplicas, longhornValues } from "../../addons/longhorn/values";
import type { OneOrTwo } from "../../config/addresses";
import { mergeValues, type HelmValues } from "../../addons/mergeValues";
import { nfsProvisionerValues, nfsStorageClass } from "../../addons/nfs-provisioner/values";
import { workers } from "../../addons/workers";
import type { LonghornSettings } from "../../addons/longhorn/settings";
import type { NfsSettings } from "../../addons/nfs-provisioner/settings";
import { settingsOf } from "../program";

function longhorn(raw: Record<string, unknown> = {}): LonghornSettings {
  const { longhorn: settings } = settingsOf({ storage: { longhorn: raw } }).storage;
  assert.ok(settings);
  return settings;
}

function nfs(raw: Record<string, unknown> = {}): NfsSettings {
  const { nfs: settings } = settingsOf({ storage: { nfs: { server: "10.0.0.9", path: "/export", ...raw } } }).storage;
  assert.ok(settings);
  return settings;
}

function ingress(
  raw: Record<string, unknown> = {},
  chartVersion = "4.15.1",
  serviceCidr: OneOrTwo = "10.43.0.0/16",
): HelmValues {
  const settings = settingsOf({ ingress: { controller: "ingress-nginx", ...raw } }).ingress;
  return ingressNginxValues(settings, { chartVersion, serviceCidr })["controller"] as HelmValues;
}

function checksum(values: HelmValues): string {
  return (values["podAnnotations"] as Record<string, string>)["groundwork/config-checksum"] ?? "";
}

describe("values of Longhorn", () => {
  it("are, on six nodes of a protected stack", () => {
    assert.deepEqual(longhornValues(longhorn(), { workers: 6, protect: true }), {
      persistence: { defaultClass: false, defaultClassReplicaCount: 3, reclaimPolicy: "Delete" },
      defaultSettings: {
        defaultDataPath: "/var/lib/longhorn",
        defaultReplicaCount: 3,
        nodeDrainPolicy: "block-for-eviction-if-contains-last-replica",
        deletingConfirmationFlag: false,
        allowCollectingLonghornUsageMetrics: false,
      },
      csi: { attacherReplicaCount: 3, provisionerReplicaCount: 3, resizerReplicaCount: 3, snapshotterReplicaCount: 3 },
      longhornUI: { replicas: 2 },
    });
  });

  it("are, on one node of an open stack with a backup target", () => {
    const settings = longhorn({ default: true, reclaimPolicy: "Retain", backupTarget: "s3://bucket@region/" });
    assert.deepEqual(longhornValues(settings, { workers: 1, protect: false }), {
      persistence: { defaultClass: true, defaultClassReplicaCount: 1, reclaimPolicy: "Retain" },
      defaultSettings: {
        defaultDataPath: "/var/lib/longhorn",
        defaultReplicaCount: 1,
        nodeDrainPolicy: "allow-if-replica-is-stopped",
        deletingConfirmationFlag: true,
        allowCollectingLonghornUsageMetrics: false,
      },
      defaultBackupStore: { backupTarget: "s3://bucket@region/" },
      csi: { attacherReplicaCount: 1, provisionerReplicaCount: 1, resizerReplicaCount: 1, snapshotterReplicaCount: 1 },
      longhornUI: { replicas: 1 },
    });
  });

  it("keep as many copies as are set, or three, or one a node where there are fewer nodes", () => {
    assert.equal(longhornReplicas({ replicas: 2 }, 1), 2);
    assert.equal(longhornReplicas({}, 2), 2);
    assert.equal(longhornReplicas({}, 9), 3);
    assert.equal(longhornReplicas({}, 0), 3);
  });

  it("count only nodes that take ordinary pods", () => {
    const taints = [[], ["a=b:NoSchedule"], ["a:NoExecute"], ["a=b:PreferNoSchedule"]];
    assert.equal(workers(taints.map((list) => ({ taints: list }))).length, 2);
  });
});

describe("values of the NFS provisioner", () => {
  it("leave the class to the program, which may change it", () => {
    assert.deepEqual(nfsProvisionerValues(nfs()), {
      nfs: { server: "10.0.0.9", path: "/export" },
      storageClass: { create: false, provisionerName: "cluster.local/nfs-subdir-external-provisioner" },
      resources: { requests: { cpu: "10m", memory: "32Mi" } },
    });
    assert.deepEqual(nfsStorageClass(nfs()), {
      metadata: { name: "nfs-client", annotations: { "storageclass.kubernetes.io/is-default-class": "false" } },
      provisioner: "cluster.local/nfs-subdir-external-provisioner",
      parameters: { archiveOnDelete: "true" },
      reclaimPolicy: "Delete",
      volumeBindingMode: "Immediate",
      allowVolumeExpansion: true,
    });
  });

  it("mount with the options that are set, the provisioner as the volumes", () => {
    const settings = nfs({
      mountOptions: ["nfsvers=4.1"],
      default: true,
      reclaimPolicy: "Retain",
      archiveOnDelete: false,
    });
    assert.deepEqual(nfsProvisionerValues(settings)["nfs"], {
      server: "10.0.0.9",
      path: "/export",
      mountOptions: ["nfsvers=4.1"],
    });
    const storageClass = nfsStorageClass(settings);
    assert.deepEqual(storageClass.mountOptions, ["nfsvers=4.1"]);
    assert.deepEqual(storageClass.parameters, { archiveOnDelete: "false" });
    assert.equal(storageClass.reclaimPolicy, "Retain");
    assert.equal(storageClass.metadata.annotations["storageclass.kubernetes.io/is-default-class"], "true");
  });
});

describe("values of ingress-nginx", () => {
  const spread = {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway",
    matchLabelKeys: ["pod-template-hash"],
    labelSelector: {
      matchLabels: {
        "app.kubernetes.io/name": "ingress-nginx",
        "app.kubernetes.io/instance": "ingress-nginx",
        "app.kubernetes.io/component": "controller",
      },
    },
  };

  it("are, with nothing set", () => {
    const { podAnnotations, ...values } = ingress();
    assert.deepEqual(Object.keys(podAnnotations as object), ["groundwork/config-checksum"]);
    assert.deepEqual(values, {
      kind: "Deployment",
      replicaCount: 1,
      config: { "enable-ocsp": "true", "use-gzip": "true", "worker-processes": "auto" },
      ingressClass: "nginx",
      ingressClassResource: { name: "nginx" },
      hostPort: { enabled: false },
      service: { type: "LoadBalancer", externalTrafficPolicy: "Local" },
      publishService: { enabled: true },
      admissionWebhooks: { enabled: true },
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      topologySpreadConstraints: [spread],
      resources: { requests: { cpu: "100m", memory: "128Mi" } },
    });
  });

  it("are, for a controller on the ports of every node", () => {
    const values = ingress({
      kind: "DaemonSet",
      hostPorts: true,
      serviceType: "ClusterIP",
      replicas: 3,
      className: "web",
    });
    delete values["podAnnotations"];
    assert.deepEqual(values, {
      kind: "DaemonSet",
      config: { "enable-ocsp": "true", "use-gzip": "true", "worker-processes": "auto" },
      ingressClass: "web",
      ingressClassResource: { name: "web" },
      hostPort: { enabled: true },
      // A traffic policy on a ClusterIP service is refused by the API server.
      service: { type: "ClusterIP" },
      publishService: { enabled: false },
      admissionWebhooks: { enabled: true },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
      resources: { requests: { cpu: "100m", memory: "128Mi" } },
    });
  });

  it("let a pod go before the next one takes its host ports", () => {
    const rollingUpdate = { maxUnavailable: 1, maxSurge: 0 };
    assert.deepEqual(ingress({ hostPorts: true })["updateStrategy"], { type: "RollingUpdate", rollingUpdate });
  });

  it("fix the ports of a service that is reached from outside", () => {
    const nodePorts = { http: 30080, https: 30443 };
    const service = { type: "NodePort", externalTrafficPolicy: "Cluster", nodePorts };
    assert.deepEqual(
      ingress({ serviceType: "NodePort", externalTrafficPolicy: "Cluster", nodePorts })["service"],
      service,
    );
    assert.deepEqual(ingress({ serviceType: "ClusterIP", nodePorts })["service"], { type: "ClusterIP" });
  });

  it("ask for addresses of both families where services have both", () => {
    const service = ingress({}, "4.15.1", ["10.43.0.0/16", "fd00:43::/112"])["service"] as HelmValues;
    assert.equal(service["ipFamilyPolicy"], "PreferDualStack");
    assert.deepEqual(service["ipFamilies"], ["IPv4", "IPv6"]);
  });

  it("ask for IPv6 where services have IPv6 addresses", () => {
    const service = ingress({}, "4.15.1", "fd00:43::/112")["service"] as HelmValues;
    assert.deepEqual(service["ipFamilies"], ["IPv6"]);
  });

  it("take the controller's own names, over ours", () => {
    const settings = { ocspStapling: false, gzip: false, workerProcesses: 4, admissionWebhook: false };
    const values = ingress({ ...settings, config: { "use-gzip": "true", "hsts-max-age": "1" } });
    assert.deepEqual(values["config"], {
      "enable-ocsp": "false",
      "use-gzip": "true",
      "worker-processes": "4",
      "hsts-max-age": "1",
    });
    assert.deepEqual(values["admissionWebhooks"], { enabled: false });
  });

  it("restart the controllers when the configuration changes, by whichever way, and only then", () => {
    const plain = checksum(ingress());
    assert.notEqual(checksum(ingress({ gzip: false })), plain);
    assert.notEqual(checksum(ingress({ values: { controller: { config: { "hsts-max-age": "1" } } } })), plain);
    assert.equal(checksum(ingress({ replicas: 3, values: { controller: { metrics: { enabled: true } } } })), plain);
    const order = [
      { a: "1", b: "2" },
      { b: "2", a: "1" },
    ].map((config) => checksum(ingress({ config })));
    assert.equal(order[0], order[1]);
  });

  it("accept cert-manager's challenge paths in controllers that refuse them by default", () => {
    const refusing = [
      "4.11.3",
      "4.12.0",
      "4.12.5",
      "4.12.6",
      "4.13.0",
      "4.13.1",
      "4.13.2",
      "4.15.1",
      "v4.13.0",
      "5.0.0",
    ];
    assert.deepEqual(refusing.filter(refusesChallengePaths), ["4.12.0", "4.12.5", "4.13.0", "4.13.1", "v4.13.0"]);
    const config = ingress({}, "4.13.0")["config"] as Record<string, string>;
    assert.equal(config["strict-validate-path-type"], "false");
  });
});

describe("values of cert-manager", () => {
  const small = { requests: { cpu: "10m", memory: "64Mi" } };

  it("are, with nothing set", () => {
    assert.deepEqual(certManagerValues(settingsOf().certificates), {
      crds: { enabled: true, keep: true },
      startupapicheck: { enabled: true },
      resources: small,
      webhook: { resources: small },
      cainjector: { resources: small },
    });
  });

  it("name the resolvers of the DNS-01 self-check, each with its port", () => {
    const settings = settingsOf({ certificates: { dns01Nameservers: ["8.8.8.8:53", "1.1.1.1", "2606:4700::1111"] } });
    const values = certManagerValues(settings.certificates);
    assert.equal(values["dns01RecursiveNameservers"], "8.8.8.8:53,1.1.1.1:53,[2606:4700::1111]:53");
    assert.equal(values["dns01RecursiveNameserversOnly"], true);
  });
});

describe("values of a stack", () => {
  it("are laid over ours at every depth; lists are replaced whole, and null stays", () => {
    const ours = { a: { b: 1, c: { d: 1 } }, list: [1, 2], e: "x" };
    const theirs = { a: { c: { f: 2 } }, list: [3], e: null, g: { h: 1 } };
    assert.deepEqual(mergeValues(ours, theirs), { a: { b: 1, c: { d: 1, f: 2 } }, list: [3], e: null, g: { h: 1 } });
    assert.deepEqual(ours, { a: { b: 1, c: { d: 1 } }, list: [1, 2], e: "x" });
  });
});
