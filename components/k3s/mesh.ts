import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { insideFrame } from "../../desired/host/framed";
import type { LostNode } from "../../desired/lost";
import type { MeshSteps } from "../../desired/mesh";
import type { DesiredNode } from "../../desired/nodes";
import { connectionTo } from "./connection";
import { remote, stdinOf } from "./remote";

export interface K3sMeshArgs {
  readonly nodes: readonly DesiredNode[];
  /** Machines that are gone: their commands stay until their entries go, and do nothing. */
  readonly lost: readonly LostNode[];
  /** What is done before the mesh is touched. */
  readonly after: readonly pulumi.Resource[];
}

/**
 * The WireGuard mesh between the nodes: the key of each, made on it; then each one's interface, which needs the public keys of all.
 * Deleted after the nodes: they leave the cluster over it.
 */
export class K3sMesh extends pulumi.ComponentResource {
  /** Done when a node is in the mesh, by its name. */
  readonly joined: ReadonlyMap<string, command.remote.Command>;

  constructor(name: string, args: K3sMeshArgs, options: pulumi.ComponentResourceOptions) {
    super("groundwork:k3s:Mesh", name, {}, options);
    const members = args.nodes.flatMap(({ name: node, mesh }) => (mesh === undefined ? [] : [{ node, mesh }]));
    const keys = new Map(members.map(({ node, mesh }) => [node, this.#key(mesh, args.after)]));
    const all = pulumi
      .all([...keys].map(([node, { stdout }]) => stdout.apply((text) => `${node}=${publicKeyIn(text, node)}`)))
      .apply((pairs) => pairs.join(" "));
    this.joined = new Map(members.map(({ node, mesh }) => [node, this.#join(mesh, all, [...keys.values()])]));
    for (const { idle } of args.lost) {
      for (const { name: step, on, create } of idle.mesh) {
        const connection = connectionTo(on.ssh);
        new command.remote.Command(
          step,
          { connection, addPreviousOutputInEnv: false, create },
          { parent: this, dependsOn: [...args.after] },
        );
      }
    }
    this.registerOutputs({});
  }

  #key({ key }: MeshSteps, after: readonly pulumi.Resource[]): command.remote.Command {
    return new command.remote.Command(
      key.name,
      { ...remote(key), stdin: stdinOf(key) },
      { parent: this, dependsOn: [...after] },
    );
  }

  #join(
    { mesh }: MeshSteps,
    keys: pulumi.Output<string>,
    after: readonly command.remote.Command[],
  ): command.remote.Command {
    const stdin = keys.apply((mesh_keys) => stdinOf(mesh, { mesh_keys }));
    return new command.remote.Command(mesh.name, { ...remote(mesh), stdin }, { parent: this, dependsOn: [...after] });
  }
}

function publicKeyIn(text: string, node: string): string {
  const key = insideFrame(text)?.trim();
  if (key === undefined || key === "") throw new Error(`${node}: the host did not tell its public key in the mesh`);
  return key;
}
