import * as command from "@pulumi/command";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createHash } from "node:crypto";
import type { Secret } from "../../config/secret";
import type { DesiredCluster } from "../../desired/cluster";
import { K3S_DIRECTORY } from "../../desired/host/k3sConfig";
import type { LostNode } from "../../desired/lost";
import { allNodes, type DesiredNode } from "../../desired/nodes";
import { framedFile } from "../../desired/host/framed";
import { asRoot, inputAsRoot } from "../../desired/ssh";
import type { ClusterTarget } from "../clusterTarget";
import { connectionTo } from "./connection";
import { expiryWarning } from "./expiry";
import { exportedKubeconfig, pinnedToken } from "./kubeconfig";
import { K3sLostNode } from "./lostNode";
import { K3sMesh } from "./mesh";
import { K3sNode } from "./node";

export interface K3sClusterArgs {
  readonly desired: DesiredCluster;
  /** Settles when the API can be dialled where the kubeconfig says: a way that this program opens. Default: it can be. */
  readonly reachable?: Promise<unknown>;
}

/** A k3s cluster: its nodes in roll-out order, its kubeconfig, and the provider of its API. */
export class K3sCluster extends pulumi.ComponentResource {
  /** Kubeconfig for people and for the provider; secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Where Kubernetes objects are created. */
  readonly target: ClusterTarget;
  readonly #nodes = new Map<DesiredNode, K3sNode>();
  /** What is done before any node that lives is touched: those that are lost keep etcd from its quorum. */
  readonly #forgotten: readonly pulumi.Resource[];
  /** Nodes that are in the WireGuard mesh, by name; empty without one. */
  readonly #mesh: ReadonlyMap<string, pulumi.Resource>;

  constructor(name: string, args: K3sClusterArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("groundwork:k3s:Cluster", name, {}, options);
    const { desired } = args;
    const { first, otherServers, agents, lost } = desired.nodes;
    this.#forgotten = this.#forget(lost);
    this.#mesh = this.#meshOf(desired, lost);
    const tokens = {
      server: joinToken("join-token", desired.tokens.server, this),
      agent: joinToken("agent-token", desired.tokens.agent, this),
    };

    const tokenMark = pulumi.secret(pulumi.all([tokens.server, tokens.agent]).apply(markOf));

    const firstNode = this.#addNode(first, { ...tokens, mark: tokenMark });
    const k3sYaml = readOnce(first, firstNode, desired.authority, this);
    const pinned = (user: "server" | "node", token: pulumi.Output<string>): pulumi.Output<string> =>
      pulumi.secret(pulumi.all([k3sYaml, token]).apply(([text, plain]) => pinnedToken(text, user, plain)));
    for (const server of otherServers) {
      this.#addNode(server, { server: pinned("server", tokens.server), agent: tokens.agent, mark: tokenMark });
    }
    for (const agent of agents) {
      this.#addNode(agent, { server: undefined, agent: pinned("node", tokens.agent), mark: undefined });
    }

    this.kubeconfig = pulumi.secret(
      pulumi
        .all([readCredentials(first, firstNode, [desired.renewal, desired.authority], this), args.reachable])
        .apply(([text]) => exportedKubeconfig(text, { server: desired.apiUrl, name: desired.name })),
    );
    void this.kubeconfig.apply(warnOfExpiry);
    // Without a fixed identifier a changed kubeconfig replaces the provider and every object below it.
    const provider = new kubernetes.Provider(
      "k8s",
      // By default the provider replaces a ConfigMap or Secret whose data changes: it would be gone for a moment.
      {
        kubeconfig: this.kubeconfig,
        clusterIdentifier: "groundwork",
        enableConfigMapMutable: true,
        enableSecretMutable: true,
      },
      {
        parent: this,
        dependsOn: [...this.#nodes.values()].map((node) => node.ready),
        // A kubeconfig that is read again is unknown in a preview, which would show every object below as changed. A preview goes on
        // with the one that it has; 'up' knows the new one before it comes to the first object.
        ignoreChanges: pulumi.runtime.isDryRun() ? ["kubeconfig"] : [],
      },
    );
    this.target = { provider, deletedWith: this };
    this.registerOutputs({ kubeconfig: this.kubeconfig, apiUrl: desired.apiUrl });
  }

  #addNode(node: DesiredNode, given: GivenTokens): K3sNode {
    // An agent's token is written as soon as the servers run with theirs, and not only when they are Ready.
    const servers = node.after.filter(({ role }) => role === "server").map((server) => this.#created(server).host);
    const after = [...this.#forgotten, ...node.after.map((before) => this.#created(before).ready)];
    const created = new K3sNode(
      node.name,
      {
        node,
        serverToken: given.server,
        agentToken: given.agent,
        tokenMark: given.mark,
        tokensAfter: [
          ...this.#forgotten,
          ...this.#inMesh(node),
          ...(node.rotatedBy === undefined ? servers : [this.#created(node.rotatedBy).token]),
        ],
        after,
        deletedWith: this,
      },
      { parent: this },
    );
    this.#nodes.set(node, created);
    return created;
  }

  #meshOf({ nodes }: DesiredCluster, lost: readonly LostNode[]): ReadonlyMap<string, pulumi.Resource> {
    const living = allNodes(nodes);
    if (living.every(({ mesh }) => mesh === undefined)) return new Map();
    return new K3sMesh("mesh", { nodes: living, lost, after: this.#forgotten }, { parent: this }).joined;
  }

  /** A node is in the mesh, and so are the servers that it talks to, before it hears of anything else. */
  #inMesh(node: DesiredNode): pulumi.Resource[] {
    const servers = node.after.filter(({ role }) => role === "server");
    return [node, ...servers].flatMap(({ name }) => this.#mesh.get(name) ?? []);
  }

  #forget(lost: readonly LostNode[]): pulumi.Resource[] {
    const created = new Map<LostNode, K3sLostNode>();
    for (const node of lost) {
      const after = node.after.flatMap((before) => created.get(before)?.forgotten ?? []);
      created.set(node, new K3sLostNode(node.name, { node, after }, { parent: this }));
    }
    return [...created.values()].map(({ forgotten }) => forgotten);
  }

  #created(node: DesiredNode): K3sNode {
    const created = this.#nodes.get(node);
    if (created === undefined) throw new Error(`${node.name} is waited for before it is created`);
    return created;
  }
}

/** The join tokens of a node; an agent gets no server's. */
interface GivenTokens {
  readonly server: pulumi.Output<string> | undefined;
  readonly agent: pulumi.Output<string>;
  /** Changes when a server's tokens do; undefined for an agent, which takes up a new one by itself. */
  readonly mark: pulumi.Output<string> | undefined;
}

/** 16 bits of a hash: enough to see that a token changed, in a command's arguments, and too few to find one by. */
function markOf(tokens: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(tokens)).digest("hex").slice(0, 4);
}

function joinToken(name: string, given: Secret | undefined, parent: pulumi.Resource): pulumi.Output<string> {
  if (given !== undefined) return pulumi.secret(given.reveal());
  return pulumi.secret(new random.RandomPassword(name, { length: 48, special: false }, { parent }).result);
}

/**
 * k3s's kubeconfig, read once and kept: join tokens are pinned to the certificate authority in it, and a later change of how the
 * first server is reached must not show every node's token as changed. It is read again where the authority was rotated.
 */
function readOnce(
  first: DesiredNode,
  node: K3sNode,
  authority: string,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const read = new command.remote.Command(
    // Another resource: one that is replaced would read as it was reached at first, with that time's key.
    authority === "" ? "kubeconfig" : `kubeconfig-${authority}`,
    readK3sYaml(first),
    {
      parent,
      // k3s has written it when it is healthy; the nodes that join need its CA, and need not wait for Kubernetes to say Ready.
      dependsOn: [node.host],
      additionalSecretOutputs: ["stdout"],
      ignoreChanges: ["connection", "create", "stdin"],
    },
  );
  return pulumi.secret(read.stdout);
}

/** The same file for its credentials, which run out: read again with another word, and from a first server that is another. */
function readCredentials(
  first: DesiredNode,
  node: K3sNode,
  words: readonly string[],
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const args = readK3sYaml(first);
  // Arguments that the command does not look at.
  const create = [args.create, ...words.filter((word) => word !== "")].join(" ");
  const read = new command.remote.Command(
    "credentials",
    { ...args, create },
    { parent, dependsOn: [node.host], additionalSecretOutputs: ["stdout"] },
  );
  return pulumi.secret(read.stdout);
}

function readK3sYaml({ ssh }: DesiredNode): command.remote.CommandArgs & { readonly create: string } {
  return {
    connection: connectionTo(ssh),
    create: asRoot(ssh, framedFile(`${K3S_DIRECTORY}/k3s.yaml`)),
    ...(ssh.sudoPassword === undefined ? {} : { stdin: pulumi.secret(inputAsRoot(ssh, "")) }),
    logging: "none",
    addPreviousOutputInEnv: false,
  };
}

function warnOfExpiry(kubeconfig: string): void {
  const warning = expiryWarning(kubeconfig, new Date());
  if (warning !== undefined) void pulumi.log.warn(warning);
}
