import { setSecretCommand } from "../schema/secretPaths";
import { parseVersion } from "../versions/version";
import { k3sVersionOf } from "../versions/pins";
import { error, warning, type Check, type Finding } from "./check";

const S3 = "k3s.snapshots.s3";
const WORDS = ["bucket", "folder", "accessKey", "secretKey", "endpointCa", "proxy"] as const;

/** k3s takes the Secret alone, or settings alone: whatever stands beside the Secret has it ignored. */
export const s3Parts: Check = ({ k3s: { snapshots } }, { missingSecrets }) => {
  const { s3 } = snapshots;
  if (s3 === undefined) return [];
  if (s3.existingSecret !== undefined) {
    return WORDS.filter((word) => s3[word] !== undefined).map((word) =>
      error(`${S3}.${word}`, "has no effect beside existingSecret, which has all of it", "take one of the two out"),
    );
  }
  const missing = (["accessKey", "secretKey"] as const).flatMap((word): Finding[] =>
    s3[word] === undefined
      ? [
          {
            severity: missingSecrets,
            path: `${S3}.${word}`,
            problem: "is not set",
            remedy: `set it with: ${setSecretCommand(["k3s", "snapshots", "s3", word])}`,
          },
        ]
      : [],
  );
  return [
    ...(s3.bucket === undefined ? [error(`${S3}.bucket`, "is not set", "write the bucket's name")] : []),
    ...missing,
  ];
};

/** What only matters with snapshots, without them. */
export const noSnapshots: Check = ({ k3s: { snapshots } }) => {
  if (snapshots.enabled) return [];
  const set = (["schedule", "retention", "s3"] as const).filter((word) => snapshots[word] !== undefined);
  return [
    ...set.map((word) =>
      error(`k3s.snapshots.${word}`, "has no effect with enabled: false", "take one of the two out"),
    ),
    ...(set.length > 0
      ? []
      : [
          warning(
            "k3s.snapshots.enabled",
            "without snapshots nothing brings a damaged etcd back",
            "leave it out; 'groundwork snapshot save' keeps one now and then at least",
          ),
        ]),
  ];
};

/**
 * The first patch releases that read their S3 configuration from a Secret (k3s-io/k3s pkg/etcd/s3/config_secret.go;
 * docs.k3s.io/cli/etcd-snapshot, "S3 Configuration Secret Support": the releases of August 2024).
 */
const CONFIG_SECRET = [
  [28, 13],
  [29, 8],
  [30, 4],
] as const;

export const s3Version: Check = (settings) => {
  if (settings.k3s.snapshots.s3 === undefined) return [];
  return settings.nodes.flatMap((node, at): Finding[] => {
    const release = k3sVersionOf(settings, node);
    if (node.role !== "server" || readsSecret(release)) return [];
    const path = node.k3sVersion === undefined ? "k3s.version" : `nodes[${String(at)}].k3sVersion`;
    const problem = `${release} does not read its S3 configuration from a Secret, as ${S3} needs it`;
    return [error(path, problem, "take 1.30.4 or newer (1.29.8, 1.28.13)")];
  });
};

function readsSecret(release: string): boolean {
  const version = parseVersion(release);
  if (version === undefined || version.minor > 30) return true;
  return CONFIG_SECRET.some(([minor, patch]) => version.minor === minor && version.patch >= patch);
}

export const snapshotChecks: readonly Check[] = [s3Parts, noSnapshots, s3Version];
