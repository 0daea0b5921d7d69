import { openTestStack } from "../../automation/testing/testStack";
import { openSource } from "../../operate/openStack";
import { findProject, readStackFile } from "../../plan/run/stackFiles";
import type { UsedStack } from "../../service/runs/engine";
import type { ServedStack } from "../../service/settings/serviceFile";

/** The whole program on the settings of a stack's file, with a state that each run begins anew. */
export async function openServedStack({ name, project: start }: ServedStack): Promise<UsedStack> {
  const project = findProject(start);
  const file = { project: project.name, stack: name, directory: project.directory, ...readStackFile(project, name) };
  const { raw } = await openSource(file, { PULUMI_CONFIG_PASSPHRASE: "correct horse" });
  return openTestStack({ name, settings: raw });
}
