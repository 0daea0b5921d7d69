import * as pulumi from "@pulumi/pulumi";
import type { DesiredGroup, DesiredResource } from "../addons/resources";
import type { ClusterTarget } from "./clusterTarget";
import { createResource } from "./resource";

export interface GroupArgs {
  readonly group: DesiredGroup;
  readonly target: ClusterTarget;
  /** What was created for each resource; what this group creates is added. Groups share one. */
  readonly created: Map<DesiredResource, pulumi.Resource>;
}

/** Resources in the cluster that belong together: an add-on, the namespaces, the issuers. */
export class Group extends pulumi.ComponentResource {
  constructor(args: GroupArgs, options: pulumi.ComponentResourceOptions = {}) {
    const { group, target, created } = args;
    super(group.type, group.name, {}, options);
    for (const desired of group.resources) {
      const dependsOn = desired.after.map((before) => {
        const resource = created.get(before);
        if (resource === undefined) throw new Error(`${desired.name} waits for ${before.name}, which comes later`);
        return resource;
      });
      const { provider, deletedWith } = target;
      const inCluster = { parent: this, provider, deletedWith, protect: desired.protect, dependsOn };
      created.set(desired, createResource(desired, inCluster));
    }
    for (const inner of group.groups) new Group({ group: inner, target, created }, { parent: this });
    this.registerOutputs(group.outputs);
  }
}
