import type { ClusterOnLab } from "./clusterOnLab";

/** Which life of k3s a host is in: another one after every restart (systemd.exec(5), INVOCATION_ID). */
export async function life(lab: ClusterOnLab, host: string): Promise<string> {
  const unit = host.startsWith("server-") ? "k3s" : "k3s-agent";
  return await lab.on(host, `systemctl show -p MainPID -p InvocationID -p ActiveState ${unit} | tr '\\n' ' '`);
}

export async function lives(lab: ClusterOnLab, hosts: readonly string[]): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all(hosts.map(async (host) => [host, await life(lab, host)] as const)));
}

/** Names of those whose k3s is in another life. */
export function restarted(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(before).filter((host) => before[host] !== after[host]);
}

/**
 * Whatever of k3s or Groundwork is left on a host: files anywhere, units, network devices and processes, a line each.
 * What the lab itself puts there (its mirror, its own units) does not count, nor do the packages that were installed.
 */
export async function traces(lab: ClusterOnLab, host: string): Promise<string[]> {
  const names = ["*k3s*", "*rancher*", "*flannel*", "*kubelet*", "*groundwork*", "kubectl", "crictl", "cni*"];
  const wanted = names.map((name) => `-name '${name}'`).join(" -o ");
  const text = await lab.on(
    host,
    `
find / /run /tmp /var/lib/rancher -xdev \\( -path /srv/groundwork-lab -o -path /etc/groundwork-lab -o -path /proc -o -path /sys \\
  -o -name '*groundwork-lab*' -o -path /usr/share -o -path /var/lib/dpkg -o -path /var/log/journal -o -path /run/log \\) -prune -o \\( ${wanted} \\) -print |
  grep -vx /var/lib/rancher || true
find /var/lib/rancher -mindepth 1
systemctl list-units --all --no-legend --plain 'k3s*' 'groundwork*' | sed 's/^/unit /'
for link in flannel.1 cni0; do ! ip link show "$link" >/dev/null 2>&1 || echo "device $link"; done
pgrep -a 'k3s|containerd' | sed 's/^/process /' || true
pgrep -af 'groundwork' | grep -v 'sh -s' | sed 's/^/process /' || true
`,
  );
  return text.split("\n").filter((line) => line !== "" && !line.startsWith(SNAPSHOTS) && line !== STATE);
}

/** What an uninstall keeps, when a server has had another version: etcd's data as it was before. */
const STATE = "/var/lib/groundwork";
const SNAPSHOTS = `${STATE}/snapshots`;

/** What is left in Groundwork's own directory on a host, by name; `snapshots` is all that may stay. */
export async function keptState(lab: ClusterOnLab, host: string): Promise<string[]> {
  const text = await lab.on(host, `ls -A ${STATE} 2>/dev/null || true`);
  return text.split("\n").filter((line) => line !== "");
}

/**
 * Watches the command lines and environments of all processes of a host for texts that must not be there. `stop` gives
 * the processes that had one; the decoy that it starts itself proves that it looks.
 */
export async function watchProcesses(
  lab: ClusterOnLab,
  host: string,
  secrets: readonly string[],
): Promise<() => Promise<string[]>> {
  const decoy = "a-decoy-that-must-be-seen";
  await lab.on(
    host,
    `
umask 077
cat >/run/canaries <<'END'
${[decoy, ...secrets].join("\n")}
END
cat >/run/canary-watch <<'END'
cd /proc
while sleep 0.1; do
  grep -laF -f /run/canaries [0-9]*/cmdline [0-9]*/environ 2>/dev/null | while read -r file; do
    tr '\\0' ' ' <"\${file%/*}/cmdline" | cut -c 1-200
  done
done
END
systemd-run -q --unit canary-watch -p StandardOutput=file:/run/canary-hits sh /run/canary-watch
CANARY=$(head -n 1 /run/canaries) sleep 3
`,
  );
  return async () => {
    const hits = await lab.on(
      host,
      "systemctl stop canary-watch; sort -u /run/canary-hits; rm -f /run/canary-hits /run/canaries /run/canary-watch",
    );
    const seen = hits.split("\n").filter((line) => line !== "");
    if (!seen.some((line) => line.startsWith("sleep 3"))) return ["the watch saw not even its decoy"];
    return seen.filter((line) => !line.startsWith("sleep 3"));
  };
}
