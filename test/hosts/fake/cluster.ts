import { createHash } from "node:crypto";
import { pinOf, type Authorities } from "./bundle";

export interface KubeObject {
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
    resourceVersion?: string;
  };
  [field: string]: unknown;
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

export interface Taint {
  key: string;
  value?: string;
  effect: string;
}

export interface NodeObject extends KubeObject {
  spec: { unschedulable?: boolean; taints?: Taint[]; podCIDR: string };
  status: {
    conditions: Condition[];
    addresses: { type: string; address: string }[];
    nodeInfo: { kubeletVersion: string; machineID: string };
  };
}

export interface NodeFacts {
  readonly name: string;
  readonly role: "server" | "agent";
  readonly address: string;
  readonly version: string;
  readonly ready?: boolean;
}

/** What etcd's data has of the keys, for servers that start: their names, the active one first, and the stage with the hash. */
export interface Keys {
  readonly names: readonly string[];
  readonly state: string;
}

/** What Kubernetes and etcd know, and which machines serve it. */
export class Cluster {
  readonly objects = new Map<string, KubeObject>();
  /** Members of etcd by their nodes' names. */
  readonly etcd = new Set<string>();
  /** Addresses of the servers but the sandbox's own, and whether they run. */
  readonly others = new Map<string, { readonly name: string; alive: boolean }>();
  /** Nodes that Kubernetes misses though they live. */
  readonly cutOff = new Set<string>();
  /** Port of the API on the other servers. */
  port = 6443;
  /** The token that etcd's data is sealed with. */
  token = "server-secret";
  /** The token that agents join with. */
  agentToken = "agent-secret";
  /** What k3s has sealed in etcd as its password file: the latest last, undefined before there was a server. */
  passwords: readonly string[] = [];
  /** What a server's etcd is in after this k3s ran on it; older ones cannot read it. */
  minor = 0;
  version = 1;
  /** Its one server keeps its data in SQLite. */
  isLone = false;
  /** The keys of the Secrets, as etcd's data has them for servers that start; undefined before there was one that encrypts. */
  keys: Keys | undefined;
  /** How many times etcd was reset: data of before a reset are of another cluster. */
  resets = 0;
  /** Set where a server started a cluster of its own while this one had members. */
  secondCluster = false;
  /** The authorities' files, as etcd's data has them for servers that start; undefined where a test does not look into them. */
  authorities: Authorities | undefined;
  readonly #ca: string;

  constructor(ca = "CA of the stack's cluster\n") {
    this.#ca = ca;
    this.put({ kind: "namespace", metadata: { name: "kube-system", labels: {}, annotations: {} } });
  }

  get ca(): string {
    return this.authorities?.get("server-ca.crt") ?? this.#ca;
  }

  get caHash(): string {
    return createHash("sha256").update(this.ca).digest("hex");
  }

  /** The token as k3s hands it out: with the hash of the CA in front. */
  pinned(user: "server" | "node", token: string): string {
    return `K10${pinOf(this.ca)}::${user}:${token}`;
  }

  node(name: string): NodeObject | undefined {
    return this.objects.get(key("node", undefined, name)) as NodeObject | undefined;
  }

  nodes(): NodeObject[] {
    return [...this.objects.values()].filter((object): object is NodeObject => object.kind === "node");
  }

  put<T extends KubeObject>(object: T): T {
    this.version += 1;
    object.metadata.resourceVersion = String(this.version);
    this.objects.set(key(object.kind, object.metadata.namespace, object.metadata.name), object);
    return object;
  }

  remove(object: KubeObject): void {
    this.version += 1;
    this.objects.delete(key(object.kind, object.metadata.namespace, object.metadata.name));
  }

  /** A Node as its kubelet registers it; one that is there keeps what others wrote on it. */
  register(facts: NodeFacts): NodeObject {
    const before = this.node(facts.name);
    const node = before ?? this.put(newNode(facts));
    node.status.nodeInfo.kubeletVersion = facts.version;
    setCondition(node, { type: "Ready", status: facts.ready === false ? "False" : "True" });
    if (facts.role === "server" && !this.isLone) {
      this.etcd.add(facts.name);
      node.metadata.annotations["etcd.k3s.cattle.io/node-address"] ??= facts.address;
      node.metadata.labels["node-role.kubernetes.io/etcd"] = "true";
      setCondition(node, { type: "EtcdIsVoter", status: "True", reason: "MemberNotLearner" });
    }
    this.version += 1;
    node.metadata.resourceVersion = String(this.version);
    return node;
  }

  /** What remains to compare after a run: all but versions and times. */
  summary(): unknown {
    const plain = [...this.objects.entries()]
      .filter(([, object]) => object.kind !== "lease")
      .map(([id, object]): [string, unknown] => {
        const { resourceVersion: _, ...metadata } = structuredClone(object.metadata);
        if (metadata.annotations["groundwork/down"] !== undefined) metadata.annotations["groundwork/down"] = "a time";
        return [id, { ...object, metadata }];
      })
      .sort(([a], [b]) => a.localeCompare(b));
    return {
      objects: Object.fromEntries(plain),
      etcd: [...this.etcd].sort(),
      token: this.token,
      ca: this.caHash,
      isLone: this.isLone,
      resets: this.resets,
      passwords: this.passwords.at(-1),
      secondCluster: this.secondCluster,
    };
  }
}

export function key(kind: string, namespace: string | undefined, name: string): string {
  return `${kind}/${namespace ?? ""}/${name}`;
}

export function setCondition(node: NodeObject, condition: Condition): void {
  node.status.conditions = [...node.status.conditions.filter(({ type }) => type !== condition.type), condition];
}

function newNode({ name, role, address, version }: NodeFacts): NodeObject {
  const server = { "node-role.kubernetes.io/control-plane": "true" };
  return {
    kind: "node",
    metadata: { name, labels: role === "server" ? server : {}, annotations: {} },
    spec: { podCIDR: `10.42.${name.length}.0/24` },
    status: {
      conditions: [],
      addresses: [
        { type: "InternalIP", address },
        { type: "Hostname", address: name },
      ],
      nodeInfo: { kubeletVersion: version, machineID: createHash("md5").update(name).digest("hex") },
    },
  };
}
