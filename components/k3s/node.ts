import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings";
import type { InventoryNode, SshTarget } from "../../inventory/inventory";
import { asRoot, connectionTo } from "./connection";
import type { NodePlan } from "./nodePlan";
import { convergeScript, drainScript, type JoinTokens, readyScript, tokenScript } from "./script";

export interface K3sNodeArgs {
  readonly settings: Settings;
  /** The machine and its place in the roll-out. */
  readonly node: InventoryNode;
  /** The server that runs kubectl for this node. */
  readonly operator: InventoryNode;
  /** What the host is to be. */
  readonly plan: NodePlan;
  /** The join token of servers, for a server only; secret. */
  readonly serverToken: pulumi.Output<string> | undefined;
  /** The join token of agents; secret. */
  readonly agentToken: pulumi.Output<string>;
  /** Changes when the tokens of a server do, so that it restarts; undefined on an agent, which takes up a new one by itself. */
  readonly tokenMark: pulumi.Output<string> | undefined;
  /** What is done before the tokens are written. */
  readonly tokensAfter: readonly pulumi.Resource[];
  /** Nodes that are Ready before this one is touched. */
  readonly after: readonly pulumi.Resource[];
  /** The resource whose deletion takes the whole cluster away; the node then does not leave it first. */
  readonly deletedWith: pulumi.Resource;
}

/**
 * One machine as a node: its mark and its join token, the drain before a change, the host itself, and its place in Kubernetes. Deleted in the
 * opposite order: it leaves the cluster, then k3s leaves the host.
 */
export class K3sNode extends pulumi.ComponentResource {
  /** Done when the host is marked and has its tokens. */
  readonly token: command.remote.Command;
  /** Done when the node is Ready. */
  readonly ready: command.remote.Command;

  constructor(
    name: string,
    args: K3sNodeArgs,
    options: pulumi.ComponentResourceOptions & { readonly protectHost?: boolean },
  ) {
    super("groundwork:k3s:Node", name, {}, options);
    const { settings, node, operator, plan } = args;
    const script = { project: pulumi.getProject(), settings, plan, node };
    const onHost = { connection: connectionTo(node.ssh), addPreviousOutputInEnv: false };
    const onOperator = { connection: connectionTo(operator.ssh), addPreviousOutputInEnv: false };

    // No script may have a token in it but the first, and every one has to run when a token changed.
    const whenTokensChange = (target: SshTarget, verb: string): { update?: pulumi.Output<string> } =>
      args.tokenMark === undefined
        ? {}
        : { update: pulumi.secret(args.tokenMark.apply((mark) => asRoot(target, `sh -s -- ${verb} ${mark}`))) };

    this.token = new command.remote.Command(
      `${name}-token`,
      {
        ...onHost,
        create: asRoot(node.ssh, "sh -s -- token"),
        // The tokens are variables of the script: in no argument, no environment and no file but k3s's own.
        stdin: pulumi.secret(
          pulumi
            .all([args.serverToken, args.agentToken])
            .apply(([server, agent]) => tokenScript(script, tokensOf(server, agent))),
        ),
        logging: "stderr",
      },
      { parent: this, dependsOn: [...args.tokensAfter] },
    );
    const drain = new command.remote.Command(
      `${name}-drain`,
      {
        ...onOperator,
        create: asRoot(operator.ssh, "sh -s -- drain"),
        ...whenTokensChange(operator.ssh, "drain"),
        stdin: drainScript(script),
      },
      // After the token: it marks the host, and refuses one that is not this node's before anything is drained for it.
      { parent: this, dependsOn: [...args.after, this.token] },
    );
    const host = new command.remote.Command(
      name,
      {
        ...onHost,
        create: asRoot(node.ssh, "sh -s -- converge"),
        ...whenTokensChange(node.ssh, "converge"),
        delete: asRoot(node.ssh, "sh -s -- uninstall"),
        stdin: convergeScript(script),
      },
      { parent: this, dependsOn: [this.token, drain], protect: options.protectHost === true },
    );
    this.ready = new command.remote.Command(
      `${name}-ready`,
      {
        ...onOperator,
        create: asRoot(operator.ssh, "sh -s -- ready"),
        ...whenTokensChange(operator.ssh, "ready"),
        delete: asRoot(operator.ssh, "sh -s -- leave"),
        stdin: readyScript(script),
      },
      // Protected as well: it is deleted before the host, and the server would have left etcd by then.
      { parent: this, dependsOn: [host], deletedWith: args.deletedWith, protect: options.protectHost === true },
    );
    this.registerOutputs({ ready: this.ready.id });
  }
}

function tokensOf(server: string | undefined, agent: string): JoinTokens {
  return server === undefined ? { agent } : { server, agent };
}
