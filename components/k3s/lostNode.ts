import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { IdleStep, LostNode } from "../../desired/lost";
import { connectionTo } from "./connection";
import { NODE_TYPE } from "./node";
import { scriptOf } from "./script";

export interface K3sLostNodeArgs {
  readonly node: LostNode;
  /** Lost machines that are forgotten before this one. */
  readonly after: readonly pulumi.Resource[];
}

/**
 * A machine that is gone for good. A server that lives forgets it. Then its four commands are changed to such as do nothing,
 * on that server, and have no `delete`: an engine deletes with what it has recorded, so nothing asks the machine
 * when the entry is taken out, and when it is not lost any more they are changed back, and make a node again.
 */
export class K3sLostNode extends pulumi.ComponentResource {
  /** Done when the cluster has forgotten it. */
  readonly forgotten: command.remote.Command;

  constructor(name: string, args: K3sLostNodeArgs, options: pulumi.ComponentResourceOptions) {
    super(NODE_TYPE, name, {}, options);
    const { forget, idle } = args.node;
    this.forgotten = new command.remote.Command(
      forget.name,
      {
        connection: connectionTo(forget.on.ssh),
        addPreviousOutputInEnv: false,
        create: forget.create,
        stdin: scriptOf(forget.program),
      },
      { parent: this, dependsOn: [...args.after] },
    );
    // In the order of a node that lives, and not before it is forgotten: a machine that is refused, because it lives, keeps its commands.
    const token = this.#idle(idle.token, [this.forgotten]);
    const drain = this.#idle(idle.drain, [token]);
    const host = this.#idle(idle.host, [token, drain]);
    this.#idle(idle.ready, [host]);
    this.registerOutputs({ forgotten: this.forgotten.id });
  }

  #idle(step: IdleStep, dependsOn: pulumi.Resource[]): command.remote.Command {
    return new command.remote.Command(
      step.name,
      { connection: connectionTo(step.on.ssh), addPreviousOutputInEnv: false, create: step.create },
      { parent: this, dependsOn, protect: false },
    );
  }
}
