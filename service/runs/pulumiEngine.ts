import { readFileSync } from "node:fs";
import { openStack, StackError, type Stack } from "../../automation/stacks";
import { problemLine } from "../../config/problem";
import { openSource } from "../../operate/openStack";
import { findProject, readStackFile } from "../../plan/run/stackFiles";
import type { ServedStack } from "../settings/serviceFile";
import { stackEnvironment } from "./stackEnvironment";

/**
 * Opens a stack on Pulumi's engine: the settings are those of its file, with the secrets opened here and now.
 *
 * @throws GroundworkError where the file or its secrets cannot be read.
 */
export async function openServedStack(served: ServedStack): Promise<Stack> {
  const { name, passphraseFile, pulumiHome, backendUrl, secretsProvider } = served;
  const project = findProject(served.project);
  const stack = name.split("/").at(-1) ?? name;
  const file = { project: project.name, stack, directory: project.directory, ...readStackFile(project, stack) };
  const { raw, problems } = await openSource(file, stackEnvironment(served));
  if (problems.length > 0) {
    const lines = problems.map((problem) => `  ${problemLine(problem)}`);
    throw new StackError("invalid-settings", [`${file.fileName}:`, ...lines].join("\n"), {
      remedy: "correct the stack's file; nothing was started",
      problems,
    });
  }
  return openStack({
    name,
    settings: raw,
    backendUrl,
    passphrase: passphraseFile === undefined ? undefined : readFileSync(passphraseFile, "utf8").trim(),
    secretsProvider,
    pulumiHome,
  });
}
