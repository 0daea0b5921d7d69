import type { Host } from "../host";
import { Kubectl } from "../kubectl";
import type { Site } from "../site";

/** The Nodes of the restored cluster beside the stack's. */
export interface MembersAfter {
  /** In the snapshot, and no longer in the stack. */
  readonly strangers: readonly string[];
  /** In the stack, and no Node of the cluster. */
  readonly missing: readonly string[];
}

/** Compares the Nodes that a server's API tells of with the stack's. @throws GroundworkError when it does not answer. */
export async function membersAfter({ hosts }: Pick<Site, "hosts">, server: Host): Promise<MembersAfter> {
  const list = (await new Kubectl(server).json(["get", "nodes"])) as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  };
  const there = list.items.map(({ metadata }) => metadata.name);
  const wanted = hosts.map(({ name }) => name);
  return {
    strangers: there.filter((name) => !wanted.includes(name)),
    missing: wanted.filter((name) => !there.includes(name)),
  };
}
