import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { UPLOADS, type DesiredUpload } from "../../desired/host/uploads";
import type { HostStep } from "../../desired/host/steps";
import type { DesiredNode } from "../../desired/nodes";
import { inputAsRoot } from "../../desired/ssh";
import { connectionTo } from "./connection";
import { remote, stdinOf } from "./remote";
import { givenOf, scriptOf } from "./script";

/** Type of a machine's component, for ever: it is part of the names that its resources have in a stack's state. */
export const NODE_TYPE = "groundwork:k3s:Node";

export interface K3sNodeArgs {
  readonly node: DesiredNode;
  /** The join token of servers, for a server only; secret. */
  readonly serverToken: pulumi.Output<string> | undefined;
  /** The join token of agents; secret. */
  readonly agentToken: pulumi.Output<string>;
  /** Changes when the tokens of a server do, so that it restarts; undefined on an agent, which takes up a new one by itself. */
  readonly tokenMark: pulumi.Output<string> | undefined;
  /** What is done before the tokens are written. */
  readonly tokensAfter: readonly pulumi.Resource[];
  /** Resources of the nodes that are Ready before this one is touched. */
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
  /** Done when k3s runs well on the host. */
  readonly host: command.remote.Command;
  /** Done when the node is Ready. */
  readonly ready: command.remote.Command;

  constructor(name: string, args: K3sNodeArgs, options: pulumi.ComponentResourceOptions) {
    super(NODE_TYPE, name, shownOf(args.node), options);
    const { node, after, tokenMark } = args;
    const { steps, protect } = node;

    this.token = new command.remote.Command(
      steps.token.name,
      {
        ...remote(steps.token),
        // The tokens are variables of the script: in no argument, no environment and no file but k3s's own.
        stdin: pulumi.secret(
          pulumi
            .all([args.serverToken, args.agentToken])
            .apply(([server, agent]) =>
              inputAsRoot(
                steps.token.on.ssh,
                scriptOf(steps.token.program, { server_token: server ?? "", agent_token: agent }),
              ),
            ),
        ),
        logging: "stderr",
      },
      { parent: this, dependsOn: [...args.tokensAfter] },
    );
    // After the token: it refuses a host that is not this node's, and makes room. Before the drain: an upload may take long.
    const uploads = node.uploads.map((upload) => uploaded(upload, { parent: this, dependsOn: [this.token] }));
    const drain = new command.remote.Command(
      steps.drain.name,
      { ...remote(steps.drain), ...again(steps.drain, tokenMark), stdin: stdinOf(steps.drain) },
      // After the token: it marks the host, and refuses one that is not this node's before anything is drained for it.
      { parent: this, dependsOn: [...after, this.token, ...uploads] },
    );
    this.host = new command.remote.Command(
      steps.host.name,
      { ...remote(steps.host), ...again(steps.host, tokenMark), stdin: stdinOf(steps.host) },
      { parent: this, dependsOn: [this.token, ...uploads, drain], protect },
    );
    this.ready = new command.remote.Command(
      steps.ready.name,
      { ...remote(steps.ready), ...again(steps.ready, tokenMark), stdin: stdinOf(steps.ready) },
      // Protected as well: it is deleted before the host, and the server would have left etcd by then.
      { parent: this, dependsOn: [this.host], deletedWith: args.deletedWith, protect },
    );
    this.registerOutputs({ ready: this.ready.id });
  }
}

/**
 * What the scripts of a node are given, as inputs of the component, where the scripts themselves are secrets: so that a preview
 * still shows a changed setting as the lines that it changes.
 */
function shownOf({ steps }: DesiredNode): Record<string, string> {
  const hidden = [steps.drain, steps.host, steps.ready].filter(({ on }) => on.ssh.sudoPassword !== undefined);
  return Object.fromEntries(hidden.map(({ create, program }) => [create.split(" ").at(-1) ?? "", givenOf(program)]));
}

/**
 * The provider copies a file where its content or its name on the host changed, and where the resource is new; that is what the
 * triggers are for. Replaced or deleted, it touches nothing on the host: what is not asked for goes with the next token step.
 */
function uploaded(
  { name, on, source, called, again }: DesiredUpload,
  options: pulumi.CustomResourceOptions,
): command.remote.CopyToRemote {
  return new command.remote.CopyToRemote(
    name,
    {
      connection: connectionTo(on.ssh),
      source: new pulumi.asset.FileAsset(source),
      remotePath: `${UPLOADS}/${called}`,
      triggers: [...again],
    },
    options,
  );
}

/** No script may have a token in it but the first, and every one of a server has to run again when a token changed. */
function again(
  { create }: HostStep,
  tokenMark: pulumi.Output<string> | undefined,
): { readonly update?: pulumi.Output<string> } {
  return tokenMark === undefined ? {} : { update: pulumi.secret(tokenMark.apply((mark) => `${create} ${mark}`)) };
}
