import { object, type DesiredGroup } from "../addons/resources";
import { Secret } from "../config/secret";
import type { Settings } from "../config/settings";

/** The Secret that k3s reads the way to S3 from. */
export const S3_SECRET = "groundwork-etcd-s3";

/**
 * What every server's config.yaml says of snapshots. Of S3 it says the Secret's name alone: with any other key of it beside, k3s
 * ignores the Secret (k3s-io/k3s pkg/etcd/s3/s3.go, GetClient).
 */
export function snapshotConfig({ k3s: { snapshots } }: Settings): Record<string, unknown> {
  const { enabled, schedule, retention, directory, compress, s3 } = snapshots;
  return {
    ...(enabled ? {} : { "etcd-disable-snapshots": true }),
    ...(schedule === undefined ? {} : { "etcd-snapshot-schedule-cron": schedule }),
    ...(retention === undefined ? {} : { "etcd-snapshot-retention": retention }),
    ...(directory === undefined ? {} : { "etcd-snapshot-dir": directory }),
    ...(compress ? { "etcd-snapshot-compress": true } : {}),
    ...(s3 === undefined ? {} : { "etcd-s3": true, "etcd-s3-config-secret": s3.existingSecret ?? S3_SECRET }),
  };
}

/**
 * The way to S3 with its keys: a Secret, so that other keys need no restart, and no host has them on its disk. A restore gets them
 * from the stack, for k3s cannot read a Secret while its API is down (pkg/etcd/etcd.go, Reset).
 */
export function snapshotsGroup(settings: Settings): DesiredGroup | undefined {
  const { s3 } = settings.k3s.snapshots;
  if (s3 === undefined || s3.existingSecret !== undefined) return undefined;
  const secret = object({
    name: "etcd-s3",
    apiVersion: "v1",
    kind: "Secret",
    fields: {
      metadata: { name: S3_SECRET, namespace: "kube-system" },
      // The type that k3s's own documentation gives it.
      type: "etcd.k3s.cattle.io/s3-config-secret",
      stringData: s3Keys(s3),
    },
    fixedFields: ["type"],
    summary: `${s3.endpoint}, bucket ${s3.bucket ?? ""}`,
  });
  return { type: "groundwork:k3s:Snapshots", name: "snapshots", resources: [secret], groups: [], outputs: {} };
}

/** k3s's own names, as its Secret and its config.yaml both have them. */
export function s3Keys(s3: NonNullable<Settings["k3s"]["snapshots"]["s3"]>): Record<string, string | Secret> {
  return {
    "etcd-s3-endpoint": s3.endpoint,
    "etcd-s3-bucket": s3.bucket ?? "",
    "etcd-s3-region": s3.region,
    ...(s3.folder === undefined ? {} : { "etcd-s3-folder": s3.folder }),
    ...(s3.skipSslVerify ? { "etcd-s3-skip-ssl-verify": "true" } : {}),
    ...(s3.endpointCa === undefined ? {} : { "etcd-s3-endpoint-ca": s3.endpointCa }),
    ...(s3.proxy === undefined ? {} : { "etcd-s3-proxy": s3.proxy }),
    "etcd-s3-access-key": s3.accessKey ?? Secret.sealed(),
    "etcd-s3-secret-key": s3.secretKey ?? Secret.sealed(),
  };
}
