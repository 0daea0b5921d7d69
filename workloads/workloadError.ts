import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../config/problem";

/** What is wrong with the arguments of a component, all of it. The engine prints its message without a stack trace. */
export class WorkloadError extends pulumi.RunError {
  override readonly name = "WorkloadError";
  /** Every problem, with the argument that it is about. */
  readonly problems: readonly Problem[];

  constructor(message: string, problems: readonly Problem[] = []) {
    super(message);
    this.problems = problems;
  }
}
