import { addressBlock, DEFAULT_API_PORT } from "../../config/addresses";
import type { Settings } from "../../config/settings";
import type { NodePlace } from "../place";
import { joinConfig, k3sConfig } from "./k3sConfig";

/** What a k3s that somebody else installed is compared with on its host, before it is taken over (scripts/compare.sh). */
export interface Adoption {
  /** `key|value here|value of k3s when it is not set|Groundwork's setting`, for all that must be the same. */
  readonly critical: readonly string[];
  /** Packaged components that this stack leaves out: k3s deletes those that run. */
  readonly disabled: readonly string[];
  /** Every key that this node's k3s is given; what the other one has beside them ends. */
  readonly keys: readonly string[];
}

interface Critical {
  readonly key: string;
  /** What k3s takes when the key is not set. */
  readonly otherwise: string;
  readonly setting: string;
}

/**
 * A living cluster has these for ever, or k3s refuses other servers (docs.k3s.io/cli/server, Critical Configuration Values); and
 * NodePorts outside of the range would end.
 */
const CLUSTER: readonly Critical[] = [
  { key: "cluster-cidr", otherwise: "10.42.0.0/16", setting: "network.podCidr" },
  { key: "service-cidr", otherwise: "10.43.0.0/16", setting: "network.serviceCidr" },
  { key: "service-node-port-range", otherwise: "30000-32767", setting: "network.nodePortRange" },
  { key: "cluster-domain", otherwise: "cluster.local", setting: "dns.clusterDomain" },
  { key: "flannel-backend", otherwise: "vxlan", setting: "network.flannelBackend" },
  { key: "flannel-ipv6-masq", otherwise: "false", setting: "network.ipv6Masquerade" },
  { key: "secrets-encryption", otherwise: "false", setting: "k3s.secretsEncryption" },
  { key: "https-listen-port", otherwise: String(DEFAULT_API_PORT), setting: "cluster.apiPort" },
  ...Object.entries({
    "secrets-encryption-provider": "aescbc",
    "disable-agent": "false",
    "disable-apiserver": "false",
    "disable-cloud-controller": "false",
    "disable-controller-manager": "false",
    "disable-etcd": "false",
    "disable-helm-controller": "false",
    "disable-kube-proxy": "false",
    "disable-network-policy": "false",
    "disable-scheduler": "false",
    "egress-selector-mode": "agent",
    "embedded-registry": "false",
    "flannel-external-ip": "false",
  }).map(([key, otherwise]) => ({ key, otherwise, setting: `k3s.server.${key}` })),
];

/** With another runtime the pods' containers would not go on. */
const RUNTIME: readonly Critical[] = Object.entries({
  "container-runtime-endpoint": "",
  docker: "false",
  rootless: "false",
  snapshotter: "overlayfs",
}).map(([key, otherwise]) => ({ key, otherwise, setting: `nodes[].k3s.${key}` }));

/** Where the other k3s was told, the node would get another address; where it was not, k3s found this one by itself. */
const ADDRESSES: readonly Omit<Critical, "otherwise">[] = [
  { key: "node-ip", setting: "nodes[].internalIp" },
  { key: "node-external-ip", setting: "nodes[].externalIp" },
  { key: "flannel-iface", setting: "network.interface" },
];

type Word = string | number | boolean;
type Config = Readonly<Record<string, Word | readonly Word[] | undefined>>;

/** What a node's k3s is given, as the host compares it. */
export function adoptionOf(settings: Settings, node: NodePlace): Adoption {
  const config = { ...k3sConfig(settings, node), ...joinConfig(node) } as Config;
  const dns = clusterDns(wordOf(config["service-cidr"]));
  const critical = [
    ...(node.role === "agent"
      ? []
      : [...CLUSTER, { key: "cluster-dns", otherwise: dns, setting: "k3s.server.cluster-dns" }]),
    ...RUNTIME,
    ...ADDRESSES.map((one) => ({ ...one, otherwise: wordOf(config[one.key]) })),
  ];
  return {
    critical: critical.map(({ key, otherwise, setting }) => {
      const value = config[key] === undefined ? otherwise : wordOf(config[key]);
      return [key, value, otherwise, setting].join("|");
    }),
    disabled: [config["disable"] ?? []].flat().map(String),
    keys: Object.keys(config),
  };
}

/** A setting as the host has it too: the values of a list with commas between them. */
function wordOf(value: Word | readonly Word[] = ""): string {
  return [value].flat().map(String).join(",");
}

/** k3s takes the tenth address of each block of services for DNS; of one IPv4 block that is known here. */
function clusterDns(serviceCidr: string): string {
  const block = addressBlock(serviceCidr);
  if (block?.family !== 4) return "";
  const network = block.address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - block.prefix);
  const tenth = network - (network % size) + 10;
  return [24, 16, 8, 0].map((bits) => String(Math.floor(tenth / 2 ** bits) % 256)).join(".");
}
