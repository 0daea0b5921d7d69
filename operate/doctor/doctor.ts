import { resourcesOf } from "../../addons/resources";
import { disabledComponents } from "../../desired/host/k3sConfig";
import { allNodes } from "../../desired/nodes";
import type { Environment } from "../../process/run";
import type { Finding } from "../finding";
import type { Host } from "../host";
import type { KubeList, KubeNode, KubeObject } from "../kubeObjects";
import { kubectlOf, type Kubectl } from "../kubectl";
import type { StackOnDisk } from "../openStack";
import { newestReleases } from "../releases";
import { askAll, type Site } from "../site";
import {
  checkClasses,
  checkDns,
  checkReadyz,
  checkReleases,
  checkVolumes,
  checkWorkloads,
  type StorageClass,
  type Volume,
  type Workload,
} from "./cluster";
import { checkEtcd } from "./etcd";
import { error } from "./finding";
import { healthOf } from "./host";
import { checkHosts, type AskedHost } from "./hosts";
import { checkKubeconfig, stackKubeconfig } from "./kubeconfig";
import { checkNodes } from "./nodes";
import { checkSnapshots } from "./snapshots";

/** How a cluster is. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** What could not be looked at, and why that is no finding. */
  readonly unchecked: readonly string[];
}

export interface DoctorOptions {
  readonly file: StackOnDisk;
  readonly env: Environment;
  readonly now: Date;
  /** Called when a host has answered, or was not reached. */
  readonly answered: (host: Host) => void;
}

/** Looks at every host and at the cluster, all at once. Changes nothing. */
export async function diagnose(site: Site, options: DoctorOptions): Promise<Diagnosis> {
  const { now } = options;
  const { server } = site.settings.k3s;
  const [replies, cluster, kubeconfig] = await Promise.all([
    askAll(site.hosts, (host) => healthOf(host, server).finally(() => options.answered(host))),
    clusterOf(site).catch((reason: unknown) => ({ silent: messageOf(reason) })),
    stackKubeconfig(options.file, options.env).catch((reason: unknown) => ({ silent: messageOf(reason) })),
  ]);
  const asked = replies.flatMap((reply): AskedHost[] =>
    "error" in reply ? [] : [{ node: reply.host.node, health: reply.value }],
  );
  const unreached = replies.flatMap((reply) =>
    "error" in reply
      ? [
          error(
            "ssh",
            reply.host.name,
            `not looked at: ${reply.error.message}`,
            "see that the machine runs and that its address, user and key are right",
          ),
        ]
      : [],
  );
  return {
    findings: [
      ...unreached,
      ...checkHosts(asked, now),
      ...("silent" in cluster ? [noApi(cluster.silent)] : clusterFindings(site, cluster, { asked, now })),
      ...checkSnapshots(asked, site.settings, now),
      ...(typeof kubeconfig === "string" ? checkKubeconfig(kubeconfig, now) : []),
    ],
    unchecked: typeof kubeconfig === "string" ? [] : [`the stack's kubeconfig: ${kubeconfig.silent}`],
  };
}

function noApi(why: string): Finding {
  return error("api", undefined, why.replaceAll(/\n\s*/g, " "), "groundwork status; journalctl -u k3s on the servers");
}

interface ClusterState {
  readonly readyz: string;
  readonly objects: readonly KubeObject[];
  readonly longhorn: readonly Volume[];
  readonly releases: Awaited<ReturnType<typeof newestReleases>>;
}

async function clusterOf(site: Site): Promise<ClusterState> {
  const kubectl = await kubectlOf(site);
  const [readyz, objects, longhorn, releases] = await Promise.all([
    readyzOf(kubectl),
    objectsOf(kubectl),
    longhornOf(kubectl),
    newestReleases(kubectl),
  ]);
  return { readyz, objects, longhorn, releases };
}

/** With a check that fails it is not 200, and kubectl tells the same lines as an error. */
async function readyzOf(kubectl: Kubectl): Promise<string> {
  const { stdout, stderr } = await kubectl.host.run("k3s kubectl get --raw '/readyz?verbose'");
  return `${stdout}\n${stderr}`;
}

const KINDS =
  "nodes,storageclasses.storage.k8s.io,persistentvolumes,persistentvolumeclaims,deployments.apps,daemonsets.apps,statefulsets.apps";

async function objectsOf(kubectl: Kubectl): Promise<readonly KubeObject[]> {
  return ((await kubectl.json(["get", KINDS, "-A"])) as KubeList<KubeObject>).items;
}

async function longhornOf(kubectl: Kubectl): Promise<readonly Volume[]> {
  const defined = await kubectl.text(["get", "crd", "volumes.longhorn.io", "--ignore-not-found", "-o", "name"]);
  if (defined.trim() === "") return [];
  return ((await kubectl.json(["get", "volumes.longhorn.io", "-A"])) as KubeList<Volume>).items;
}

function clusterFindings(
  { desired, settings }: Site,
  { readyz, objects, longhorn, releases }: ClusterState,
  { asked, now }: { readonly asked: readonly AskedHost[]; readonly now: Date },
): Finding[] {
  const wanted = allNodes(desired.nodes);
  const ofKind = <T extends KubeObject>(...kinds: string[]): T[] =>
    objects.filter((object): object is T => kinds.includes(object.kind ?? ""));
  const nodes = ofKind<KubeNode>("Node");
  const workloads = ofKind<Workload>("Deployment", "DaemonSet", "StatefulSet");
  const ours = resourcesOf(desired.groups).flatMap((each) => (each.is === "release" ? [each.namespace] : []));
  const servers = wanted.filter(({ role }) => role === "server").map(({ name }) => name);
  return [
    ...checkReadyz(readyz),
    ...checkNodes(wanted, nodes, now),
    ...checkEtcd(asked, nodes, servers),
    ...checkDns(workloads, disabledComponents(settings).includes("coredns")),
    ...checkWorkloads(workloads, new Set(["kube-system", ...ours])),
    ...checkReleases(releases),
    ...checkClasses(ofKind<StorageClass>("StorageClass"), desired.outputs.defaultStorageClass),
    ...checkVolumes({ volumes: ofKind("PersistentVolume"), claims: ofKind("PersistentVolumeClaim"), longhorn }, now),
  ];
}

function messageOf(reason: unknown): string {
  return (reason instanceof Error ? reason.message : String(reason)).split("\n")[0] ?? "";
}
