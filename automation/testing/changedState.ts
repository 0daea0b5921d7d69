import type { Deployment } from "../deployment";
import type { TestState } from "./backend";
import type { TestResource } from "./evaluation";

/** What a refresh finds: the resources as they drifted. */
export function foundBy({ resources, drift }: TestState): TestResource[] {
  return resources.flatMap((resource): TestResource[] => {
    if (!drift.has(resource.urn)) return [resource];
    const inputs = drift.get(resource.urn);
    return inputs === undefined ? [] : [{ ...resource, inputs: { ...resource.inputs, ...inputs } }];
  });
}

const NOTHING_KNOWN = { parent: "", custom: true, protect: false, inputs: {} };

/** The resources of a state that was exported, also by Pulumi: then its inputs are not those that mocks show. */
export function resourcesOf({ deployment }: Deployment): TestResource[] {
  const { resources } = deployment as { readonly resources?: readonly TestResource[] };
  return structuredClone((resources ?? []).map((resource) => ({ ...NOTHING_KNOWN, ...resource })));
}
