import { object, type DesiredObject, type DesiredResource } from "../resources";
import type { LonghornSettings, RecurringJobSettings } from "./settings";
import { BACKUP_SECRET, hasCredentials } from "./values";

/** Snapshots and backups that are kept where a job says no number. */
const KEPT = 7;

/** The Secret of the backup target, which is there before Longhorn reads its name; none where it knows nobody. */
export function backupSecret(
  settings: Pick<LonghornSettings, "backupCredentials">,
  namespace: string,
  after: readonly DesiredResource[],
): DesiredObject[] {
  if (!hasCredentials(settings)) return [];
  return [
    object({
      name: BACKUP_SECRET,
      apiVersion: "v1",
      kind: "Secret",
      fields: { metadata: { name: BACKUP_SECRET, namespace }, stringData: settings.backupCredentials },
      after,
      summary: "what the backup target knows Longhorn by",
    }),
  ];
}

/** Longhorn's own objects for what it does by the clock. */
export function recurringJobs(
  settings: Pick<LonghornSettings, "recurringJobs">,
  namespace: string,
  after: readonly DesiredResource[],
): DesiredObject[] {
  return Object.entries(settings.recurringJobs).map(([name, job]) => {
    const { task, schedule, concurrency, groups } = job;
    const retain = keeps(job) ? (job.retain ?? KEPT) : 0;
    return object({
      name: `longhorn-job-${name}`,
      apiVersion: "longhorn.io/v1beta2",
      kind: "RecurringJob",
      fields: {
        metadata: { name, namespace },
        spec: { name, task, cron: schedule, retain, concurrency, groups },
      },
      after,
      summary: `${task} at ${schedule}${retain === 0 ? "" : `, ${retain} kept`}`,
    });
  });
}

/** Whether a job makes something that is kept. */
export function keeps({ task }: Pick<RecurringJobSettings, "task">): boolean {
  return task === "snapshot" || task === "backup";
}
