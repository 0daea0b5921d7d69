import { local } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";

/** Where a case's programs leave their traces, and the host they reach. */
export interface Bed {
  /** A file that commands append a line to. */
  readonly log: string;
  readonly connection: { host: string; port: number; user: string; privateKey: string; hostKey: string };
  /** Path of the kubeconfig of a cluster that the cases on Kubernetes may use; absent where there is none. */
  readonly kubeconfig?: string;
}

export interface CaseStep {
  readonly does: "up" | "preview" | "destroy";
  /** Absent for `destroy`. */
  readonly program?: (bed: Bed) => unknown;
  /** `<operation> <name>` of everything that is not the same, in any order. */
  readonly operations: readonly string[];
  /** What the commands appended in this step, in this order. */
  readonly log?: readonly string[];
  readonly outputs?: Record<string, { value: unknown; secret: boolean }>;
  /** The step fails, and says this. */
  readonly fails?: RegExp;
}

export interface ConformanceCase {
  readonly name: string;
  readonly steps: readonly CaseStep[];
}

/** A local command that appends `<name> <verb><version>` to the log on each of its occasions. */
export function logged(
  bed: Bed,
  name: string,
  args: Partial<local.CommandArgs> & { version?: string } = {},
  options?: pulumi.CustomResourceOptions,
) {
  const { version = "", ...rest } = args;
  const append = (verb: string) => `echo ${name} ${verb}${version} >> ${bed.log}; echo ${name}-out${version}`;
  return new local.Command(name, { create: append("create"), delete: append("delete"), ...rest }, options);
}

export const plainOutput = (value: unknown) => ({ value, secret: false });
