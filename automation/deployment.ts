import { z } from "zod";
import { problemLine, type Problem } from "../config/problem";
import { StackError } from "./errors";

/** A stack's state as `pulumi stack export` prints it. Secrets in it are encrypted, unless `--show-secrets` was given. */
export interface Deployment {
  /** Of the format. */
  readonly version: number;
  readonly deployment: unknown;
}

export interface ImportOptions {
  /**
   * Whether a state is replaced that has resources. What is only in the state that goes is not managed any more.
   *
   * @default false
   */
  readonly replace?: boolean;
}

export interface ImportResult {
  /** How many resources the stack has now, components included. */
  readonly resources: number;
}

const STACK_TYPE = "pulumi:pulumi:Stack";

const deploymentSchema = z.object({
  version: z.number(),
  deployment: z.object({
    resources: z.array(z.object({ urn: z.string().startsWith("urn:pulumi:"), type: z.string() })).nullish(),
    secrets_providers: z.object({ type: z.string() }).nullish(),
  }),
});

/** How many resources a state has; the stack itself is none. Pure. */
export function countResources(deployment: unknown): number {
  const { resources } = deploymentSchema.parse(deployment).deployment;
  return (resources ?? []).filter(({ type }) => type !== STACK_TYPE).length;
}

/** @throws StackError `stack-not-empty` when a state would be replaced that has resources, unless that is said. */
export function refuseToReplace(stack: string, resources: number, { replace = false }: ImportOptions): void {
  if (resources === 0 || replace) return;
  throw new StackError(
    "stack-not-empty",
    `stack '${stack}': import would replace a state with ${resources} resources`,
    {
      remedy: "destroy them first; or say `replace: true`, if they are to be managed no more",
    },
  );
}

/**
 * Sees that a state is one, and this stack's: resources are known by the stack's and the project's name for ever.
 *
 * @throws StackError `invalid-settings` with all that is wrong with it.
 */
export function checkDeployment(deployment: unknown, { stack, project }: { stack: string; project: string }): void {
  const problems = deploymentProblems(deployment, stack, project);
  if (problems.length === 0) return;
  const lines = problems.map((problem) => `  ${problemLine(problem)}`);
  throw new StackError("invalid-settings", [`stack '${stack}': the state cannot be imported:`, ...lines].join("\n"), {
    remedy: "correct what `problems` says; nothing was changed",
    problems,
  });
}

function deploymentProblems(deployment: unknown, stack: string, project: string): Problem[] {
  const parsed = deploymentSchema.safeParse(deployment);
  if (!parsed.success) {
    const remedy = "give what `pulumi stack export` prints, parsed as JSON";
    return [{ path: "deployment", problem: "is not an exported state", remedy }];
  }
  const resources = parsed.data.deployment.resources ?? [];
  const others = (index: number, own: string): string[] => [
    ...new Set(
      resources
        .map(({ urn }) => urn.replace(/^urn:pulumi:/, "").split("::")[index] ?? "")
        .filter((name) => name !== own),
    ),
  ];
  return [
    ...others(0, stack).map((name) => ({
      path: "deployment",
      problem: `is of a stack with the name '${name}'`,
      remedy: `open the stack as '${name}', or rename it there first: pulumi stack rename ${stack}`,
    })),
    ...others(1, project).map((name) => ({
      path: "deployment",
      problem: `is of a project with the name '${name}'`,
      remedy: `rename it there first: pulumi stack rename organization/${project}/${stack}`,
    })),
  ];
}
