import { DIRECTORY_LABEL, dockerName, HOST_LABEL, LAB_LABEL, SITE, VPN_INTERFACE } from "../naming";

/** What a lab's containers have in common. */
export interface ContainerSettings {
  readonly lab: string;
  /** The lab's directory, for the label. */
  readonly directory: string;
  readonly image: string;
  /** Directory on the machine that is laid out like k3s's releases. */
  readonly mirror: string;
  /** Loopback address on which ports are published. */
  readonly loopback: string;
}

/** Port of the Kubernetes API, inside and outside. */
export const API_PORT = 6443;
/** Where every container has the mirror; the site serves what is above it. */
export const MIRROR_IN_HOST = "/srv/groundwork-lab/k3s";

export function labels(lab: string, directory: string): string[] {
  return ["--label", `${LAB_LABEL}=${lab}`, "--label", `${DIRECTORY_LABEL}=${directory}`];
}

/**
 * `docker create` for a host: systemd as the first process, without `--privileged`, which a machine that lacks
 * CAP_SYS_RESOURCE itself cannot give. `systempaths=unconfined` makes sysctls writable inside.
 */
export function hostArgs(
  settings: ContainerSettings,
  host: { readonly name: string; readonly address: string; readonly sshPort: number; readonly publishApi: boolean },
): string[] {
  return [
    ...systemdArgs(settings, host.name, host.address),
    // containerd's snapshots cannot live on the container's own overlay.
    "--mount",
    `type=volume,dst=/var/lib/rancher,volume-label=${LAB_LABEL}=${settings.lab}`,
    "--device",
    "/dev/net/tun",
    "--device",
    "/dev/kmsg",
    "--publish",
    `${settings.loopback}:${String(host.sshPort)}:22`,
    ...(host.publishApi ? ["--publish", `${settings.loopback}:${String(API_PORT)}:${String(API_PORT)}`] : []),
    settings.image,
    "/lib/systemd/systemd",
  ];
}

/** `docker create` for the site: the resolver and the artifact server. Nothing of it is published. */
export function siteArgs(settings: ContainerSettings, address: string): string[] {
  return [...systemdArgs(settings, SITE, address), settings.image, "/lib/systemd/systemd"];
}

function systemdArgs(settings: ContainerSettings, name: string, address: string): string[] {
  return [
    "create",
    "--name",
    dockerName(settings.lab, name),
    "--hostname",
    name,
    ...labels(settings.lab, settings.directory),
    "--label",
    `${HOST_LABEL}=${name}`,
    "--network",
    dockerName(settings.lab),
    "--ip",
    address,
    "--cap-add=ALL",
    "--cap-drop=SYS_RESOURCE",
    "--security-opt",
    "seccomp=unconfined",
    "--security-opt",
    "apparmor=unconfined",
    "--security-opt",
    "systempaths=unconfined",
    "--cgroupns=private",
    // systemd's own signal for an orderly halt (systemd(1)); SIGTERM would make it start over.
    "--stop-signal",
    "SIGRTMIN+3",
    "--tmpfs",
    "/run",
    "--tmpfs",
    "/tmp",
    "--env",
    "container=docker",
    "--mount",
    `type=bind,src=${settings.mirror},dst=${MIRROR_IN_HOST},readonly`,
  ];
}

/** `docker network create` for a lab's own network. */
export function networkArgs(lab: string, directory: string, prefix: string, bridge: string): string[] {
  return [
    "network",
    "create",
    "--driver",
    "bridge",
    "--subnet",
    `${prefix}.0/24`,
    "--gateway",
    `${prefix}.1`,
    "--opt",
    `com.docker.network.bridge.name=${bridge}`,
    ...labels(lab, directory),
    dockerName(lab),
  ];
}

/** The text of a host's /etc/groundwork-lab/host.env. */
export function hostEnvironment(vpn: string): string {
  return `# ${VPN_INTERFACE} of this host\nVPN_ADDRESS=${vpn}/24\n`;
}
