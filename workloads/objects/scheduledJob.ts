import { z } from "zod";
import type { Problem } from "../../config/problem";
import { seconds } from "../../config/schema/scalars";
import { checkName, checkPod } from "./checks";
import type { ClusterFacts } from "./facts";
import { labelsOf, podTemplate } from "./pod";
import type { PodArgs } from "./podArgs";
import { podShape, shutdown } from "./podSchema";
import { readArguments } from "./problems";
import { isSchedule } from "./schedule";
import type { Field, WorkloadObject } from "./text";

/** What runs at certain times is to be. */
export interface ScheduledJobSettings extends PodArgs {
  /** When it runs: minute, hour, day of the month, month, day of the week, or `@daily` and its like. Required. */
  readonly schedule: string;
  /** Time zone of the schedule. @default "Etc/UTC" */
  readonly timeZone?: string;
  /** Seconds after which a run is ended that has not come to its end. Required: one that hangs would keep off all others. */
  readonly timeoutSeconds: number;
  /** What happens when the last run still goes on: the new one is left out, takes its place, or runs beside it. @default "skip" */
  readonly overlap?: "skip" | "replace" | "allow";
  /** How often a run that failed is tried again. @default 2 */
  readonly retries?: number;
  /** How late a run may begin, in seconds; later it is left out. @default 300 */
  readonly startWithinSeconds?: number;
  /** How many runs that succeeded, and that failed, are kept to look at. @default 3 and 3 */
  readonly keep?: { readonly succeeded?: number; readonly failed?: number };
  /** Whether it does not run for now. @default false */
  readonly suspended?: boolean;
}

const kept = z.number().int().min(0).default(3);

const schema = z.strictObject({
  ...podShape,
  // Nothing sends requests to it, so nothing has to hear of its end first.
  shutdown: shutdown(0),
  schedule: z
    .string()
    .refine(isSchedule, 'is not a schedule; write five fields like "30 3 * * *" (every day at 3:30), or @daily')
    .describe('when it runs: "30 3 * * *" (every day at 3:30)'),
  timeZone: z
    .string()
    .refine(isTimeZone, "is not a time zone; write one like Europe/Berlin or Etc/UTC")
    .default("Etc/UTC"),
  timeoutSeconds: seconds.describe("the seconds after which a run is ended: 3600"),
  overlap: z.enum(["skip", "replace", "allow"]).default("skip"),
  retries: z.number().int().min(0).default(2),
  startWithinSeconds: z
    .number()
    .int()
    .min(10, "is too small; write at least 10, for the controller looks every 10 seconds")
    .default(300),
  keep: z.strictObject({ succeeded: kept, failed: kept }).prefault({}),
  suspended: z.boolean().default(false),
});

type ScheduledJob = z.output<typeof schema>;

const CONCURRENCY = { skip: "Forbid", replace: "Replace", allow: "Allow" } as const;

/** What could be read of the arguments of a job, and everything that is wrong with them. */
export function readScheduledJob(
  name: string,
  given: ScheduledJobSettings,
  facts: ClusterFacts,
): { readonly job: ScheduledJob; readonly problems: readonly Problem[] } {
  const { value, problems } = readArguments(schema, given);
  return { job: value as ScheduledJob, problems: [...checkName(name), ...problems, ...checkPod(value, facts)] };
}

/**
 * The CronJob. A pod that fails stays to be looked at, and another one tries again.
 *
 * @param secretName The Secret of `secretEnv`.
 */
export function scheduledJobObjects(name: string, job: ScheduledJob, secretName?: Field): WorkloadObject[] {
  const kind = { ports: [], probes: false, spec: { restartPolicy: "Never" } } as const;
  return [
    {
      part: "",
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name, namespace: job.namespace, labels: labelsOf(name, job) },
      spec: {
        schedule: job.schedule,
        timeZone: job.timeZone,
        concurrencyPolicy: CONCURRENCY[job.overlap],
        startingDeadlineSeconds: job.startWithinSeconds,
        successfulJobsHistoryLimit: job.keep.succeeded,
        failedJobsHistoryLimit: job.keep.failed,
        suspend: job.suspended,
        jobTemplate: {
          metadata: { labels: labelsOf(name, job) },
          spec: {
            backoffLimit: job.retries,
            activeDeadlineSeconds: job.timeoutSeconds,
            template: podTemplate(name, job, kind, secretName),
          },
        },
      },
    },
  ];
}

function isTimeZone(zone: string): boolean {
  try {
    // Kubernetes takes names of the tz database, and no offsets; Local is refused (batch/v1 CronJobSpec.timeZone).
    return (
      /^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== ""
    );
  } catch {
    return false;
  }
}
