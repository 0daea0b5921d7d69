import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { randomBytes } from "node:crypto";
import { LabError } from "../error";
import { dockerName, hostAddress, type HostName, OPERATOR_USER, siteAddress, vpnAddress } from "../naming";
import type { LabPaths } from "../paths";
import type { HostState } from "../state";
import { type ContainerSettings, hostArgs, hostEnvironment, siteArgs } from "./containerArgs";
import type { Docker } from "./docker";
import { ensureKey, hostKeyPath, type KeyPair } from "./keys";
import { tsigConfig } from "../stack/tsigKey";
import { tar, type TarEntry } from "./tar";

const OPERATOR_UID = 1000;

/** Makes a host and waits until systemd, sshd and the VPN interface are up. */
export async function makeHost(
  docker: Docker,
  paths: LabPaths,
  settings: ContainerSettings,
  host: HostName & { readonly prefix: string; readonly sshPort: number },
  operator: KeyPair,
): Promise<HostState> {
  const key = await ensureKey(hostKeyPath(paths, host.name), host.name);
  const what = `host ${host.name}`;
  const container = dockerName(settings.lab, host.name);
  await docker.do(
    what,
    hostArgs(settings, {
      name: host.name,
      address: hostAddress(host.prefix, host),
      sshPort: host.sshPort,
      // The first server's: an exported kubeconfig names it.
      publishApi: host.name === "server-1",
    }),
  );
  await docker.do(what, ["cp", "-", `${container}:/`], { input: tar(hostFiles(host, key, operator)) });
  await docker.do(what, ["start", container]);
  await waitForHost(docker, settings.lab, host.name);
  const { name, role, octet, sshPort } = host;
  return { name, role, octet, sshPort, hostKey: key.publicKey };
}

/** Makes the site: resolver, artifact server and name server. */
export async function makeSite(
  docker: Docker,
  settings: ContainerSettings,
  prefix: string,
  names: string,
  tsigKey: string,
): Promise<void> {
  const container = dockerName(settings.lab, "site");
  await docker.do("the site", siteArgs(settings, siteAddress(prefix)));
  const input = tar([
    { path: "etc/machine-id", mode: 0o444, content: machineId() },
    { path: "etc/groundwork-lab/site", mode: 0o644, content: "" },
    { path: "etc/groundwork-lab/hosts", mode: 0o644, content: names },
    { path: "etc/groundwork-lab/tsig.conf", mode: 0o600, content: tsigConfig(tsigKey) },
  ]);
  await docker.do("the site", ["cp", "-", `${container}:/`], { input });
  await docker.do("the site", ["start", container]);
  await waitForBoot(docker, settings.lab, "site");
}

/** Gives the site's resolver the names of the hosts there are now. */
export async function tellSite(docker: Docker, lab: string, names: string): Promise<void> {
  const container = dockerName(lab, "site");
  const input = tar([{ path: "etc/groundwork-lab/hosts", mode: 0o644, content: names }]);
  await docker.do("the site's resolver", ["cp", "-", `${container}:/`], { input });
  await docker.do("the site's resolver", ["exec", container, "systemctl", "reload-or-restart", "lab-resolver"]);
}

/** Starts a container that stopped, with what is on its disk, and waits until it works. */
export async function startHost(docker: Docker, lab: string, host: string): Promise<void> {
  await docker.do(`host ${host}`, ["start", dockerName(lab, host)]);
  if (host === "site") await waitForBoot(docker, lab, host);
  else await waitForHost(docker, lab, host);
}

/** Forgets the key of a host that is gone. */
export function forgetHostKey(paths: LabPaths, host: string): void {
  rmSync(join(hostKeyPath(paths, host), ".."), { recursive: true, force: true });
}

/** What makes a host different from every other: its keys, its identity and its address on the VPN. */
export function hostFiles(host: HostName, key: KeyPair, operator: KeyPair, id: string = machineId()): TarEntry[] {
  const authorized = `${operator.publicKey} operator\n`;
  return [
    { path: "etc/machine-id", mode: 0o444, content: id },
    { path: "etc/groundwork-lab/host.env", mode: 0o644, content: hostEnvironment(vpnAddress(host)) },
    { path: "etc/ssh/ssh_host_ed25519_key", mode: 0o600, content: key.privateKey },
    { path: "etc/ssh/ssh_host_ed25519_key.pub", mode: 0o644, content: `${key.publicKey} ${host.name}\n` },
    { path: "root/.ssh/", mode: 0o700 },
    { path: "root/.ssh/authorized_keys", mode: 0o600, content: authorized },
    { path: `home/${OPERATOR_USER}/.ssh/`, mode: 0o700, owner: OPERATOR_UID },
    { path: `home/${OPERATOR_USER}/.ssh/authorized_keys`, mode: 0o600, content: authorized, owner: OPERATOR_UID },
  ];
}

function machineId(): string {
  return `${randomBytes(16).toString("hex")}\n`;
}

async function waitForHost(docker: Docker, lab: string, host: string): Promise<void> {
  await waitForBoot(docker, lab, host);
  const proof = "ip -4 -o address show dev vpn0 | grep -q inet && systemctl is-active --quiet ssh";
  const proven = await docker.try(["exec", dockerName(lab, host), "sh", "-c", proof]);
  if (proven.code !== 0) {
    throw new LabError(
      `host ${host} came up without its VPN interface or without sshd`,
      "see 'systemctl --failed' there",
    );
  }
}

/** Waits for the end of the boot, at most a minute. A unit that failed is no obstacle: what counts is proven after. */
async function waitForBoot(docker: Docker, lab: string, host: string): Promise<void> {
  const container = dockerName(lab, host);
  let said = "";
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const outcome = await docker.try(["exec", container, "systemctl", "is-system-running", "--wait"], {
      timeoutMs: 60_000,
    });
    said = outcome.stdout.trim();
    if (said === "running" || said === "degraded") return;
    if (/is not running/i.test(outcome.stderr)) {
      throw await bootFailure(docker, container, host, (last) => {
        return `host ${host} stopped while it was booting${last === "" ? "" : `: ${last}`}`;
      });
    }
    await sleep(200);
  }
  throw await bootFailure(docker, container, host, () => {
    return `host ${host} is not up after 60 s (systemd says: ${said === "" ? "nothing" : said})`;
  });
}

/** Why a host did not boot: what its log gives away, or what `otherwise` makes of the last line. */
async function bootFailure(
  docker: Docker,
  container: string,
  host: string,
  otherwise: (lastLine: string) => string,
): Promise<LabError> {
  const logs = await docker.try(["logs", "--tail", "20", container]);
  const text = `${logs.stdout}${logs.stderr}`.trim();
  if (/too many open files/i.test(text)) {
    return new LabError(
      `host ${host} cannot boot: the machine has no inotify instances left`,
      "allow more with 'sudo sysctl -w fs.inotify.max_user_instances=1024' and repeat the command",
    );
  }
  return new LabError(otherwise(text.split("\n").at(-1) ?? ""));
}
