import * as command from "@pulumi/command";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createHash } from "node:crypto";
import type { Secret } from "../../config/secret";
import type { Settings } from "../../config/settings";
import type { Inventory, InventoryNode } from "../../inventory/inventory";
import type { ClusterTarget } from "../clusterTarget";
import { asRoot, connectionTo } from "./connection";
import { hostPort, K3S_DIRECTORY } from "./k3sConfig";
import { exportedKubeconfig, pinnedToken } from "./kubeconfig";
import { K3sNode } from "./node";
import { planNode } from "./nodePlan";

export interface K3sClusterArgs {
  readonly settings: Settings;
  readonly inventory: Inventory;
}

/** A k3s cluster: its nodes in roll-out order, its kubeconfig, and the provider of its API. */
export class K3sCluster extends pulumi.ComponentResource {
  /** Kubeconfig for people and for the provider; secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** URL of the Kubernetes API. */
  readonly apiUrl: string;
  /** Where Kubernetes objects are created. */
  readonly target: ClusterTarget;

  constructor(name: string, args: K3sClusterArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("groundwork:k3s:Cluster", name, {}, options);
    const { settings, inventory } = args;
    this.apiUrl = `https://${hostPort(inventory.apiHost)}`;
    const tokens = {
      server: joinToken("join-token", settings.k3s.token, this),
      agent: joinToken("agent-token", settings.k3s.agentToken, this),
    };

    const mark = pulumi.secret(pulumi.all([tokens.server, tokens.agent]).apply(tokenMark));

    const nodes = new Map<string, K3sNode>();
    const addNode = (node: InventoryNode, given: GivenTokens): K3sNode => {
      const after = node.after.flatMap((before) => nodes.get(before)?.ready ?? []);
      const rotating = node.role === "server" ? nodes.get(inventory.first.name)?.token : undefined;
      const created = new K3sNode(
        node.name,
        {
          settings,
          node,
          operator: inventory.servers.find((server) => server.name === node.operator) ?? inventory.first,
          plan: planNode(settings, inventory, node),
          serverToken: given.server,
          agentToken: given.agent,
          tokenMark: node.role === "server" ? mark : undefined,
          // Once the first server has rotated it, no server starts with the token before: all get the new one at once.
          tokensAfter: rotating === undefined ? after : [rotating],
          after,
          deletedWith: this,
        },
        { parent: this, protectHost: settings.cluster.protect && node === inventory.first },
      );
      nodes.set(node.name, created);
      return created;
    };

    const first = addNode(inventory.first, tokens);
    const k3sYaml = readKubeconfig(inventory.first, first, this);
    const pinned = (user: "server" | "node", token: pulumi.Output<string>): pulumi.Output<string> =>
      pulumi.secret(pulumi.all([k3sYaml, token]).apply(([text, plain]) => pinnedToken(text, user, plain)));
    for (const server of inventory.servers.slice(1)) {
      addNode(server, { server: pinned("server", tokens.server), agent: tokens.agent });
    }
    for (const agent of inventory.agents) {
      addNode(agent, { server: undefined, agent: pinned("node", tokens.agent) });
    }

    const contextName = settings.cluster.name ?? settings.stack;
    this.kubeconfig = pulumi.secret(
      k3sYaml.apply((text) => exportedKubeconfig(text, { server: this.apiUrl, name: contextName })),
    );
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
      { parent: this, dependsOn: [...nodes.values()].map((node) => node.ready) },
    );
    this.target = { provider, deletedWith: this, protect: settings.cluster.protect };
    this.registerOutputs({ kubeconfig: this.kubeconfig, apiUrl: this.apiUrl });
  }
}

/** The join tokens of a node; an agent gets no server's. */
interface GivenTokens {
  readonly server: pulumi.Output<string> | undefined;
  readonly agent: pulumi.Output<string>;
}

function joinToken(name: string, given: Secret | undefined, parent: pulumi.Resource): pulumi.Output<string> {
  if (given !== undefined) return pulumi.secret(given.reveal());
  return pulumi.secret(new random.RandomPassword(name, { length: 48, special: false }, { parent }).result);
}

/** 16 bits of a hash: enough to see that a token changed, in a command's arguments, and too few to find one by. */
function tokenMark(tokens: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(tokens)).digest("hex").slice(0, 4);
}

/**
 * Read once: later changes of how the first server is reached do not read it again, because an unknown kubeconfig in a preview
 * shows every Kubernetes object as changed.
 */
function readKubeconfig(first: InventoryNode, node: K3sNode, parent: pulumi.Resource): pulumi.Output<string> {
  const read = new command.remote.Command(
    "kubeconfig",
    {
      connection: connectionTo(first.ssh),
      create: asRoot(first.ssh, `cat ${K3S_DIRECTORY}/k3s.yaml`),
      logging: "none",
      addPreviousOutputInEnv: false,
    },
    { parent, dependsOn: [node.ready], additionalSecretOutputs: ["stdout"], ignoreChanges: ["connection", "create"] },
  );
  return pulumi.secret(read.stdout);
}
