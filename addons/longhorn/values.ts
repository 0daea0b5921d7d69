import type { LonghornSettings } from "./settings";
import type { HelmValues } from "../mergeValues";

/** What Longhorn's values depend on besides its own settings. */
export interface LonghornContext {
  /** Number of nodes that take ordinary pods; 0 where it is not known. */
  readonly workers: number;
  /** Some node says its own disks: only nodes with Longhorn's label get a default disk. */
  readonly ownDisks?: boolean;
  /** Whether the stack protects its data. */
  readonly protect: boolean;
}

/** The Secret with what the backup target knows Longhorn by. */
export const BACKUP_SECRET = "longhorn-backup-credentials";

export function hasCredentials({ backupCredentials }: Pick<LonghornSettings, "backupCredentials">): boolean {
  return Object.keys(backupCredentials).length > 0;
}

/** Copies of each volume: as set, or 3, or one a node where there are fewer nodes (a copy more could never be placed). */
export function longhornReplicas(settings: Pick<LonghornSettings, "replicas">, workers: number): number {
  return settings.replicas ?? (workers === 0 ? 3 : Math.min(3, workers));
}

/** Values of Longhorn 1.11. */
export function longhornValues(settings: LonghornSettings, context: LonghornContext): HelmValues {
  const replicas = longhornReplicas(settings, context.workers);
  const instances = context.workers === 0 ? 3 : Math.min(3, context.workers);
  return {
    persistence: {
      defaultClass: settings.default,
      defaultClassReplicaCount: replicas,
      reclaimPolicy: settings.reclaimPolicy,
    },
    defaultSettings: {
      defaultDataPath: settings.dataPath,
      defaultReplicaCount: replicas,
      ...(context.ownDisks === true ? { createDefaultDiskLabeledNodes: true } : {}),
      // By default Longhorn's disruption budget blocks the drain of a node with the last copy of a volume for ever.
      // Moving that copy away first needs another node; with one node only what is stopped can be let go.
      nodeDrainPolicy:
        context.workers === 1 ? "allow-if-replica-is-stopped" : "block-for-eviction-if-contains-last-replica",
      // Longhorn refuses to be uninstalled unless this is true, and a refusal leaves the release half removed. Where the
      // stack protects its data, Pulumi refuses before anything runs, so the two say the same. To remove Longhorn from
      // such a stack: cluster.protect: false and `pulumi up`, then take storage.longhorn out and `pulumi up` again.
      deletingConfirmationFlag: !context.protect,
      allowCollectingLonghornUsageMetrics: false,
    },
    ...(settings.backupTarget === undefined
      ? {}
      : {
          defaultBackupStore: {
            backupTarget: settings.backupTarget,
            ...(hasCredentials(settings) ? { backupTargetCredentialSecret: BACKUP_SECRET } : {}),
          },
        }),
    // One a node is enough; the chart's own numbers are for three nodes and more.
    csi: {
      attacherReplicaCount: instances,
      provisionerReplicaCount: instances,
      resizerReplicaCount: instances,
      snapshotterReplicaCount: instances,
    },
    longhornUI: { replicas: Math.min(2, instances) },
  };
}
