import type * as pulumi from "@pulumi/pulumi";
import { readScheduledJob, scheduledJobObjects, type ScheduledJobSettings } from "./objects/scheduledJob";
import { gated, refuseProblems, settingsIn, Workload, type InCluster } from "./workload";

/** What a {@link ScheduledJob} is to be. Outputs may stand wherever `Text` does. */
export interface ScheduledJobArgs extends ScheduledJobSettings, InCluster {}

/**
 * What runs at certain times: a CronJob. On by default: a run is left out while the one before goes on, each has an end,
 * and one that fails is tried again twice.
 *
 * @example
 * ```ts
 * new ScheduledJob("report", {
 *   cluster,
 *   namespace: "shop",
 *   image: "registry.example.org/report:2.0.1",
 *   schedule: "30 3 * * *",
 *   timeZone: "Europe/Berlin",
 *   timeoutSeconds: 1800,
 *   resources: { cpu: "100m", memory: "128Mi" },
 * });
 * ```
 */
export class ScheduledJob extends Workload {
  /** @throws WorkloadError with everything that is wrong with the arguments, before anything is created */
  constructor(name: string, args: ScheduledJobArgs, options: pulumi.ComponentResourceOptions = {}) {
    const { job, problems } = readScheduledJob(name, settingsIn(args), args.cluster?.facts ?? {});
    const what = `ScheduledJob '${name}'`;
    refuseProblems(what, problems);
    super("ScheduledJob", name, job, args.cluster, options);
    this.create(scheduledJobObjects(name, gated(what, job), this.createSecretEnv(job)));
    this.registerOutputs({});
  }
}
