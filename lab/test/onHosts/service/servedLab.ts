import { StackError, type Stack } from "../../../../automation/stacks";
import type { UsedStack } from "../../../../service/runs/engine";
import type { ServedStack } from "../../../../service/settings/serviceFile";
import { labPaths } from "../../../paths";
import { openLabStack } from "../../../stack/labStack";

/** A lab's stack on the lab engine, for the processes of a service's runs. */
export function openServedStack({ name, project }: ServedStack): Promise<UsedStack> {
  const lab = name.replace(/^lab-/, "");
  return Promise.resolve({ ...openLabStack(labPaths(lab, project), lab), refresh: unknown, history: unknown });
}

const unknown = (): ReturnType<Stack["refresh"]> & ReturnType<Stack["history"]> => {
  throw new StackError("failed", "the lab engine keeps no history and cannot refresh", { remedy: "use Pulumi's" });
};
