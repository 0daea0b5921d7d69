import { z } from "zod";
import { RELEASES, versions } from "../versions/pins";
import { environment, givenFiles, manifests, secretEnvironment, secretManifests } from "./givenFiles";
import { registriesSchema } from "./registries";
import { snapshotsSchema } from "./snapshots";
import { hostAddress, secret, url, k3sVersion, k3sSettings } from "./scalars";
import { architecture, uploadSchema } from "./upload";

/** `groundwork:k3s` */
export const k3sSchema = z.strictObject({
  version: k3sVersion
    .default(versions.k3s)
    .describe("Version of k3s on every node. Default: the version that this release of Groundwork pins."),
  mirror: url
    .default(RELEASES)
    .describe(
      "Where nodes get k3s: a base laid out like k3s's releases, <base>/<version>/k3s and sha256sum-<arch>.txt; file:// is a directory on each node.",
    ),
  sha256: z
    .partialRecord(
      architecture,
      z.string().regex(/^[0-9a-f]{64}$/, "is not a SHA-256 sum; write its 64 hexadecimal digits"),
    )
    .default({})
    .describe(
      "SHA-256 of the k3s binary by architecture; required where the mirror is http://. Default: the sum that Groundwork pins for this version, or else the release's own checksum file.",
    ),
  upload: uploadSchema
    .optional()
    .describe(
      "Files of the machine that runs 'up', which it uploads to the nodes over SSH (SFTP): k3s for hosts that reach no mirror. A file is uploaded where it is new or its content changed, and to a machine that is another one.",
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
      "Further names and addresses in the API's certificate (tls-san); the nodes' own, cluster.apiAddress, cluster.joinAddress and cluster.virtualIp are always there.",
    ),
  secretsEncryption: z.boolean().default(true).describe("Encrypt Secrets in etcd (secrets-encryption)."),
  snapshots: snapshotsSchema
    .prefault({})
    .describe("Snapshots of etcd: when every server saves one, how many are kept, and where."),
  server: k3sSettings.default({}).describe("Further k3s settings of every server, in the names of k3s's config.yaml."),
  agent: k3sSettings.default({}).describe("Further k3s settings of every agent, in the names of k3s's config.yaml."),
  registries: registriesSchema
    .optional()
    .describe(
      "Registries and mirrors that nodes fetch images from, as in k3s's registries.yaml. It is a file for root only on every node; a change restarts k3s there.",
    ),
  environment: environment
    .default({})
    .describe(
      "Variables of k3s's environment: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, the same with CONTAINERD_ before them for images only, and others. NO_PROXY is completed with the cluster's own addresses and names. Groundwork's download of k3s goes through the proxy too; a change restarts k3s.",
    ),
  secretEnvironment: secretEnvironment
    .default({})
    .describe("The same for values that are secrets: a proxy's URL with a password in it."),
  files: givenFiles
    .default({})
    .describe(
      "Files on the hosts by their path: an audit policy, the kubelet's or the admission's configuration, a registry's CA. Gone from here, a file goes from the hosts; one that a host has already is not replaced.",
    ),
  manifests: manifests
    .default({})
    .describe(
      "Manifests that k3s applies from every server's disk, by name (server/manifests/<name>.yaml): the way to a CNI or kube-vip, before anything else runs. One that goes from here leaves what it made in the cluster.",
    ),
  secretManifests: secretManifests.default({}).describe("The same for manifests with a Secret in them."),
  kubectlCompletion: z
    .boolean()
    .default(false)
    .describe(
      "Complete kubectl's words in bash on the servers (a file in /usr/local/share/bash-completion, which the package bash-completion reads). One that a server has there already is not replaced.",
    ),
  prepareHosts: z
    .boolean()
    .default(true)
    .describe(
      "Prepare the hosts: install the packages that the storage needs, enable iscsid for Longhorn, load kernel modules, set kernel parameters. false: nothing is installed, enabled, loaded or set, and Groundwork's files in /etc/sysctl.d and /etc/modules-load.d are not there. Programs of the storage that are missing, an iscsid that does not run, and kernel parameters with another value are then errors, named all at once before anything is changed.",
    ),
  swapOff: z
    .boolean()
    .default(false)
    .describe(
      "Switch swap off and mask its systemd units. false: swap stays as it is, and units that an earlier true masked come back; k3s runs with it (it sets the kubelet's failSwapOn to false). /etc/fstab is never written.",
    ),
});
