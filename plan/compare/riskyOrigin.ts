import type { RiskyChange } from "./difference";
import type { Plan, PlanResource } from "../model";

/** What a change of where the cluster comes from takes with it. */
export function riskyOrigin(before: Plan, after: Plan): RiskyChange[] {
  const [old, now] = [k3dOf(before), k3dOf(after)];
  if (old !== undefined && now !== undefined && JSON.stringify(old.inputs) !== JSON.stringify(now.inputs)) {
    return [
      {
        what: "the k3d cluster is made anew",
        happens: "k3d cannot change a cluster that runs: its containers are deleted with all volumes in them",
        remedy: "save what you need first, or take the change back",
      },
    ];
  }
  if (old !== undefined && now === undefined) {
    return [
      {
        what: "the k3d cluster is deleted",
        happens: "its containers go, with all volumes in them",
        remedy: "save what you need first",
      },
    ];
  }
  return [];
}

function k3dOf({ resources }: Plan): PlanResource | undefined {
  return resources.find(({ type, name }) => type === "command:local:Command" && name === "k3d");
}
