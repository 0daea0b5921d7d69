import {
  checkDeployment,
  countResources,
  refuseToReplace,
  type Deployment,
  type ImportOptions,
  type ImportResult,
} from "./deployment";
import { inWorkspace, PROJECT, shortName, type StackPlace, type Work } from "./workspace";

// The SDK writes a state into a file for everybody to read, and leaves it there when it fails; here it goes through pipes.

/** The state, with its secrets encrypted. */
export async function exportState({ run }: Work): Promise<Deployment> {
  return JSON.parse(await run(["stack", "export"])) as Deployment;
}

/** Puts a state in the place of the stack's own, after it was found to be right; a stack that was made for it goes when it fails. */
export async function importState(
  place: StackPlace,
  deployment: Deployment,
  options: ImportOptions,
): Promise<ImportResult> {
  const stack = place.name;
  checkDeployment(deployment, { stack: shortName(stack), project: PROJECT });
  return inWorkspace(place, { whenMissing: "create" }, async (work) => {
    const resources = work.is === "new" ? 0 : countResources(await exportState(work));
    refuseToReplace(stack, resources, options);
    try {
      await work.run(["stack", "import"], JSON.stringify(deployment));
    } catch (error) {
      if (work.is === "new") await work.run(["stack", "rm", "--yes"]);
      throw error;
    }
    return { resources: countResources(deployment) };
  });
}
