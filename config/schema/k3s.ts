import { z } from "zod";
import { versions } from "../versions/pins";
import { snapshotsSchema } from "./snapshots";
import { hostAddress, secret, url, k3sVersion, k3sSettings } from "./scalars";

/** `groundwork:k3s` */
export const k3sSchema = z.strictObject({
  version: k3sVersion
    .default(versions.k3s)
    .describe("Version of k3s on every node. Default: the version that this release of Groundwork pins."),
  mirror: url
    .default("https://github.com/k3s-io/k3s/releases/download")
    .describe(
      "Where nodes get k3s: a base laid out like k3s's releases, <base>/<version>/k3s and sha256sum-<arch>.txt; file:// is a directory on each node.",
    ),
  sha256: z
    .partialRecord(
      z.enum(["amd64", "arm64", "arm"]),
      z.string().regex(/^[0-9a-f]{64}$/, "is not a SHA-256 sum; write its 64 hexadecimal digits"),
    )
    .default({})
    .describe(
      "SHA-256 of the k3s binary by architecture; required where the mirror is http://. Default: the sum that Groundwork pins for this version, or else the release's own checksum file.",
    ),
  token: secret.optional().describe("Join token of servers; another one is rotated to. Default: generated."),
  agentToken: secret.optional().describe("Join token of agents. Default: generated."),
  disable: z
    .array(z.enum(["coredns", "servicelb", "traefik", "local-storage", "metrics-server", "runtimes"]))
    .default([])
    .describe("Packaged components of k3s to leave out."),
  tlsSans: z
    .array(hostAddress)
    .default([])
    .describe(
      "Further names and addresses in the API's certificate (tls-san); the nodes' own, cluster.apiAddress and cluster.joinAddress are always there.",
    ),
  secretsEncryption: z.boolean().default(true).describe("Encrypt Secrets in etcd (secrets-encryption)."),
  snapshots: snapshotsSchema
    .prefault({})
    .describe("Snapshots of etcd: when every server saves one, how many are kept, and where."),
  server: k3sSettings.default({}).describe("Further k3s settings of every server, in the names of k3s's config.yaml."),
  agent: k3sSettings.default({}).describe("Further k3s settings of every agent, in the names of k3s's config.yaml."),
  prepareHosts: z
    .boolean()
    .default(true)
    .describe(
      "Prepare the hosts: install the packages that the storage needs, enable iscsid for Longhorn, load kernel modules, set kernel parameters. false: nothing is installed, enabled or set by 'up'; programs of the storage that are missing, and an iscsid that does not run, are errors that name them. The files in /etc/sysctl.d and /etc/modules-load.d are written all the same: they count from the next boot.",
    ),
  swapOff: z
    .boolean()
    .default(false)
    .describe(
      "Switch swap off and mask its systemd units. false: swap stays as it is, and units that an earlier true masked come back; k3s runs with it (it sets the kubelet's failSwapOn to false). /etc/fstab is never written.",
    ),
});
