import { hostAddress, OPERATOR_USER, siteAddress, SITE_DOMAIN, vpnAddress, VPN_INTERFACE } from "../naming";
import type { HostState, LabState } from "../state";

/** A value of a YAML file. */
export type Plain = string | number | boolean | readonly Plain[] | { readonly [key: string]: Plain };

/** URL of the lab's artifact server, laid out like k3s's releases. */
export function mirrorUrl(prefix: string): string {
  return `http://${siteAddress(prefix)}/k3s`;
}

/** One entry of `groundwork:nodes` for a host: what the lab knows, and nothing that a person may want to set. */
export function nodeEntry(state: LabState, host: HostState): { readonly [key: string]: Plain } {
  return {
    name: host.name,
    role: host.role,
    address: state.loopback,
    internalIp: vpnAddress(host),
    hostKey: host.hostKey,
    ssh: { port: host.sshPort },
  };
}

/**
 * The settings that a lab's stack starts with: a small site with everything on. Those that come from the machine are
 * written again by each `lab up`; the rest is the user's after the first time.
 */
export function firstSettings(state: LabState, charts: "stand-in" | "real"): { readonly [key: string]: Plain } {
  const chart = (addon: string): { readonly [key: string]: Plain } =>
    charts === "real" ? {} : { chart: `./addons/${addon}/stand-in` };
  return {
    network: { interface: VPN_INTERFACE, interfaceWaitSeconds: 30 },
    dns: { upstream: [siteAddress(state.prefix)], searchDomains: [SITE_DOMAIN] },
    ssh: { user: OPERATOR_USER },
    k3s: { mirror: mirrorUrl(state.prefix), disable: ["traefik", "servicelb", "metrics-server"] },
    storage: {
      localPath: { default: true },
      nfs: { ...chart("nfs-provisioner"), server: siteAddress(state.prefix), path: "/srv/nfs" },
      longhorn: chart("longhorn"),
    },
    ingress: {
      ...chart("ingress-nginx"),
      controller: "ingress-nginx",
      kind: "DaemonSet",
      hostPorts: true,
      serviceType: "ClusterIP",
    },
    certificates: { ...chart("cert-manager"), certManager: true, email: `admin@${SITE_DOMAIN}` },
    issuers: { "internal-ca": { type: "ca", commonName: "Groundwork lab CA" } },
    namespaces: {
      apps: {
        quota: { "requests.cpu": 4, "requests.memory": "8Gi", pods: 40 },
        limits: { default: { cpu: "500m", memory: "512Mi" }, defaultRequest: { cpu: "50m", memory: "64Mi" } },
      },
    },
  };
}

/** Lines of the site's hosts file: each host by its address in the lab's network, and the site itself. */
export function siteNames(prefix: string, hosts: readonly Pick<HostState, "name" | "octet">[]): string {
  const line = (address: string, name: string): string => `${address} ${name}.${SITE_DOMAIN} ${name}\n`;
  return [line(siteAddress(prefix), "site"), ...hosts.map((host) => line(hostAddress(prefix, host), host.name))].join(
    "",
  );
}
