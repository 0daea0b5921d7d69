import { each, hostOf } from "../../config/addresses";
import type { Secret } from "../../config/secret";
import type { Settings } from "../../config/settings";
import type { NodePlace } from "../place";
import type { HostFile, SecretFile } from "./hostFile";
import { secretText } from "./secretText";
import { serviceName } from "./serviceName";

const NO_PROXY_FILE = "/etc/rancher/k3s/no-proxy.env";

/**
 * The environment of k3s's unit, which reads this file already. k3s hands it on to containerd and to the kubelet; variables with
 * CONTAINERD_ before them go to containerd alone (docs.k3s.io/advanced, Configuring an HTTP proxy).
 */
export function environmentFile({ k3s }: Settings, { role }: NodePlace): SecretFile | undefined {
  const values: Record<string, string | Secret> = { ...k3s.environment, ...k3s.secretEnvironment };
  const names = Object.keys(values).sort();
  if (names.length === 0) return undefined;
  return {
    path: `/etc/systemd/system/${serviceName(role)}.env`,
    mode: "600",
    effect: "restart",
    label: "environment",
    ...secretText((show) => linesOf(names.map((name) => [name, textOf(values[name] ?? "", show)]))),
  };
}

/**
 * What is never asked for through a proxy, completed with the cluster's own. It is a file of its own, which k3s reads at its next
 * start, because another node in the list must not restart all the others.
 */
export function noProxyFiles(settings: Settings, { role }: NodePlace): HostFile[] {
  const names = proxied(settings);
  if (names.length === 0) return [];
  const noProxy = (name: string): string => {
    const prefix = name.startsWith("CONTAINERD_") ? "CONTAINERD_" : "";
    const { environment } = settings.k3s;
    const given = environment[`${prefix}NO_PROXY`] ?? environment["NO_PROXY"] ?? "";
    return [...new Set([...given.split(/[\s,]+/).filter((each) => each !== ""), ...ownOf(settings)])].join(",");
  };
  const variables = new Map(names.map((name) => [name.replace(/HTTPS?_PROXY$/, "NO_PROXY"), noProxy(name)] as const));
  return [
    {
      path: NO_PROXY_FILE,
      mode: "644",
      effect: "keep",
      label: "environment",
      content: linesOf([...variables]),
      given: true,
    },
    {
      path: `/etc/systemd/system/${serviceName(role)}.service.d/20-no-proxy.conf`,
      mode: "644",
      effect: "unit",
      label: "environment",
      content: `[Service]\nEnvironmentFile=-${NO_PROXY_FILE}\n`,
      given: true,
    },
  ];
}

/** Variables of the settings that name a proxy. */
function proxied({ k3s }: Settings): string[] {
  return Object.keys({ ...k3s.environment, ...k3s.secretEnvironment })
    .filter((name) => /^(CONTAINERD_)?HTTPS?_PROXY$/.test(name))
    .sort();
}

/** Addresses and names that are inside of the cluster, or nodes of it. k3s adds the blocks and the domain by itself too. */
function ownOf({ network, dns, cluster, nodes }: Settings): string[] {
  const ofNodes = nodes.flatMap(({ address, internalIp, externalIp }) => [
    address,
    ...each(internalIp),
    ...each(externalIp),
  ]);
  return [
    ...["localhost", "127.0.0.0/8", "::1"],
    ...[network.podCidr, network.serviceCidr].flatMap(each),
    ...[".svc", `.${dns.clusterDomain}`],
    ...[hostOf(cluster.apiAddress), hostOf(cluster.joinAddress), cluster.virtualIp?.address, ...ofNodes].flat(),
  ].filter((each) => each !== undefined);
}

function textOf(value: string | Secret, show: (secret: Secret) => string): string {
  return typeof value === "string" ? value : show(value);
}

/** As systemd reads it: in double quotes, where a backslash and a quote get a backslash (systemd.exec, EnvironmentFile=). */
function linesOf(variables: readonly (readonly [name: string, value: string])[]): string {
  return variables.map(([name, value]) => `${name}="${value.replaceAll(/[\\"$`]/g, String.raw`\$&`)}"\n`).join("");
}
