import {
  ACME_NAMES,
  CERTIFICATE_DOMAIN,
  hostAddress,
  NAME_SERVER_PORT,
  OPERATOR_USER,
  siteAddress,
  SITE_DOMAIN,
  TSIG_KEY_NAME,
  vpnAddress,
  VPN_INTERFACE,
} from "../naming";
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

/** The issuers that a lab's stack starts with. */
export const INTERNAL_CA = "internal-ca";
export const LETS_ENCRYPT = "lets-encrypt";

/** Address and port of the site's name server. */
export function nameServer(prefix: string): string {
  return `${siteAddress(prefix)}:${String(NAME_SERVER_PORT)}`;
}

/** What the first settings depend on, beside the lab's state. */
export interface FirstSettings {
  readonly charts: "stand-in" | "real";
  /** The lab's own chart of cert-manager, from the checkout; undefined where the plain stand-in does. */
  readonly certManagerChart: string | undefined;
  /** The key of the site's name server, encrypted: `{ secure: … }`. */
  readonly tsigSecret: Plain;
}

/**
 * The settings that a lab's stack starts with: a small site with everything on. Those that come from the machine are
 * written again by each `lab up`; the rest is the user's after the first time.
 */
export function firstSettings(state: LabState, given: FirstSettings): { readonly [key: string]: Plain } {
  const { charts, certManagerChart, tsigSecret } = given;
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
    certificates: {
      ...chart("cert-manager"),
      ...(certManagerChart === undefined ? {} : { chart: certManagerChart }),
      certManager: true,
      email: `admin@${CERTIFICATE_DOMAIN}`,
      issued: {
        inside: { issuer: INTERNAL_CA, names: [`inside.${SITE_DOMAIN}`] },
        outside: { issuer: LETS_ENCRYPT, names: [`*.${CERTIFICATE_DOMAIN}`] },
      },
    },
    issuers: {
      [INTERNAL_CA]: { type: "ca", commonName: "Groundwork lab CA" },
      [LETS_ENCRYPT]: {
        type: "acme-dns01",
        server: "staging",
        nameserver: nameServer(state.prefix),
        tsigKeyName: TSIG_KEY_NAME,
        tsigSecret,
        zones: [CERTIFICATE_DOMAIN],
      },
    },
    namespaces: {
      apps: {
        quota: { "requests.cpu": 4, "requests.memory": "8Gi", pods: 40 },
        limits: { default: { cpu: "500m", memory: "512Mi" }, defaultRequest: { cpu: "50m", memory: "64Mi" } },
      },
    },
  };
}

/** Lines of the site's hosts file: each host by its address in the lab's network, the site itself, and its ACME server. */
export function siteNames(prefix: string, hosts: readonly Pick<HostState, "name" | "octet">[]): string {
  const line = (address: string, name: string): string => `${address} ${name}.${SITE_DOMAIN} ${name}\n`;
  return [
    line(siteAddress(prefix), "site"),
    ...hosts.map((host) => line(hostAddress(prefix, host), host.name)),
    `${siteAddress(prefix)} ${ACME_NAMES.join(" ")}\n`,
  ].join("");
}
