import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Group } from "../../components/group";
import type { DesiredGroup, DesiredResource } from "../../addons/resources";
import { run, type Registered } from "../program";

/** Options of a resource that tests look at. */
export interface RegisteredOptions {
  readonly protect: boolean;
  /** Name of the resource that it goes with. */
  readonly deletedWith: string | undefined;
  readonly provider: string | undefined;
  readonly dependsOn: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

export interface BuiltResource extends Registered {
  readonly options: RegisteredOptions;
}

/**
 * Creates groups in a cluster that needs no machines: provider `k8s`, living and dying with `first-server`.
 * @returns the resources below it with their options, ordered by name: the order of registration is not the program's.
 */
export async function build(
  groups: readonly DesiredGroup[],
  given: { readonly preview?: boolean } = {},
): Promise<BuiltResource[]> {
  const options = new Map<string, RegisteredOptions>();
  const { resources } = await run(
    () => {
      pulumi.runtime.registerStackTransformation((args) => {
        options.set(`${args.type} ${args.name}`, optionsOf(args.opts));
        return undefined;
      });
      const server = new pulumi.ComponentResource("test:Server", "first-server", {});
      const provider = new kubernetes.Provider("k8s", { kubeconfig: "{}" });
      const created = new Map<DesiredResource, pulumi.Resource>();
      for (const group of groups) new Group({ group, target: { provider, deletedWith: server }, created });
    },
    { preview: given.preview ?? false },
  );
  await pulumi.runtime.disconnect();
  return resources
    .map((resource) => ({ ...resource, options: options.get(`${resource.type} ${resource.name}`) ?? optionsOf({}) }))
    .filter(
      (resource) => !["test:Server", "pulumi:providers:kubernetes", "pulumi:pulumi:Stack"].includes(resource.type),
    )
    .sort((a, b) => (`${a.name} ${a.type}` < `${b.name} ${b.type}` ? -1 : 1));
}

function optionsOf(opts: pulumi.CustomResourceOptions): RegisteredOptions {
  const dependsOn = (opts.dependsOn ?? []) as pulumi.Resource[];
  return {
    protect: opts.protect ?? false,
    deletedWith: opts.deletedWith === undefined ? undefined : nameOf(opts.deletedWith),
    provider: opts.provider === undefined ? undefined : nameOf(opts.provider),
    dependsOn: (Array.isArray(dependsOn) ? dependsOn : [dependsOn]).map(nameOf),
    replaceOnChanges: opts.replaceOnChanges ?? [],
    deleteBeforeReplace: opts.deleteBeforeReplace ?? false,
  };
}

function nameOf(resource: pulumi.Resource): string {
  return (resource as unknown as { __name: string }).__name;
}
