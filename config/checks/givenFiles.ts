import { pathText } from "../problem";
import type { Settings } from "../settings";
import { error, type Check, type Finding } from "./check";

type GivenFile = Settings["k3s"]["files"][string];
type Path = readonly (string | number)[];

/** A file's text goes through SSH and into the state, with every change. */
const MOST_BYTES = 256 * 1024;

/** What somebody else writes at a place, and what to write instead. */
interface Taken {
  /** A file, or with a slash at the end everything below a directory. */
  readonly at: string;
  readonly by: string;
  readonly instead: string;
}

const K3S = "/etc/rancher/k3s/";
const DATA = "/var/lib/rancher/k3s/";
const settings = (of: string): Omit<Taken, "at"> => ({ by: "is written by Groundwork", instead: `set ${of}` });
const host = { by: "is the host's own", instead: "choose another path; Groundwork does not edit what a host is" };

/** The first that fits counts. */
const TAKEN: readonly Taken[] = [
  { at: `${K3S}config.yaml`, ...settings("k3s.server, k3s.agent or nodes[].k3s") },
  { at: `${K3S}config.yaml.d/`, ...settings("k3s.server, k3s.agent or nodes[].k3s") },
  { at: `${K3S}registries.yaml`, ...settings("k3s.registries") },
  { at: `${K3S}no-proxy.env`, ...settings("k3s.environment") },
  { at: `${K3S}token`, ...settings("k3s.token (a secret)") },
  { at: `${K3S}agent-token`, ...settings("k3s.agentToken (a secret)") },
  { at: `${K3S}k3s.yaml`, by: "is written by k3s", instead: "take it out" },
  { at: "/etc/resolv.k3s.conf", ...settings("dns.upstream") },
  { at: "/etc/sysctl.d/90-groundwork.conf", by: "is written by Groundwork", instead: "choose another name" },
  { at: "/etc/modules-load.d/groundwork.conf", by: "is written by Groundwork", instead: "choose another name" },
  { at: "/usr/local/share/bash-completion/completions/kubectl", ...settings("k3s.kubectlCompletion") },
  { at: "/etc/rancher/node/", by: "is written by k3s", instead: "take it out" },
  { at: `${DATA}server/manifests/`, by: "is where manifests lie", instead: "set k3s.manifests" },
  { at: `${DATA}agent/images/`, by: "takes archives, which are no text", instead: "put them there by hand" },
  { at: "/var/lib/groundwork/", by: "is Groundwork's own", instead: "choose another path" },
  { at: "/usr/local/lib/groundwork/", by: "is Groundwork's own", instead: "choose another path" },
  { at: "/etc/groundwork/", by: "is Groundwork's own", instead: "choose another path" },
  { at: "/var/lib/kubelet/", by: "is emptied when k3s goes", instead: "choose another path" },
  { at: "/var/lib/cni/", by: "is emptied when k3s goes", instead: "choose another path" },
  ...["/proc/", "/sys/", "/dev/", "/run/", "/var/run/", "/tmp/", "/var/tmp/"].map((at) => ({
    at,
    by: "does not outlive a reboot, or is no place for files",
    instead: "write it below /etc",
  })),
  ...["/boot/", "/root/", "/home/", "/etc/ssh/", "/etc/sudoers.d/", "/etc/pam.d/", "/etc/security/"].map((at) => ({
    at,
    ...host,
  })),
  ...["fstab", "passwd", "shadow", "group", "gshadow", "sudoers", "hosts", "hostname", "resolv.conf", "machine-id"].map(
    (name) => ({ at: `/etc/${name}`, ...host }),
  ),
];

/** Units of k3s's are Groundwork's; files of containerd's are the one thing in k3s's data that people write. */
function takenBy(path: string): Omit<Taken, "at"> | undefined {
  if (/^\/etc\/systemd\/system\/(k3s|k3s-agent|groundwork-interface|groundwork-vip)(\.service|\.env|\/|$)/.test(path)) {
    return path.endsWith(".env")
      ? settings("k3s.environment or k3s.secretEnvironment")
      : {
          by: "is written by Groundwork",
          instead: "set k3s.environment, or k3s's own settings under k3s.server and k3s.agent",
        };
  }
  const found = TAKEN.find(({ at }) => (at.endsWith("/") ? path.startsWith(at) : path === at));
  if (found !== undefined) return found;
  if (path.startsWith(DATA) && !path.startsWith(`${DATA}agent/etc/containerd/`)) {
    return {
      by: "is k3s's own",
      instead: `choose another path; of k3s's data only files in ${DATA}agent/etc/containerd are yours`,
    };
  }
  if (/^\/usr\/local\/bin\/(k3s|kubectl|crictl|ctr)$/.test(path)) {
    return { by: "is k3s's own", instead: "choose another path" };
  }
  return undefined;
}

/** A file of the settings has a place of its own. */
export const places: Check = (all) =>
  eachFile(all, (at, path) => {
    if (path.endsWith("/") || /\/(\.{1,2}|)(\/|$)/.test(path)) {
      return error(at, "is not a plain path of a file", "write it without '//', '.', '..' and a slash at the end");
    }
    const taken = takenBy(path);
    return taken === undefined ? undefined : error(at, taken.by, taken.instead);
  });

/** It has one text, which fits. */
export const contents: Check = (all) =>
  eachFile(all, (at, _path, { content, secretContent }) => {
    if ((content === undefined) === (secretContent === undefined)) {
      const problem = content === undefined ? "has no content" : "has two contents";
      return error(at, problem, "write content, or set secretContent as a secret");
    }
    return textProblem(at, content ?? (secretContent?.isKnown === true ? secretContent.reveal() : ""));
  });

/** Nobody but root changes what root's programs read; a secret is for root only. */
export const modes: Check = (all) =>
  eachFile(all, (at, _path, { mode, secretContent }) => {
    if (/[2367]$/.test(mode)) return error(`${at}.mode`, `${mode} lets everybody write it`, 'write "644" or "600"');
    return secretContent !== undefined && !mode.endsWith("0")
      ? error(`${at}.mode`, `${mode} lets everybody on the host read a secret`, 'write "600"')
      : undefined;
  });

/** A node's own role is the only one that its own file can be for. */
export const rolesOfNodes: Check = ({ nodes }) =>
  nodes.flatMap(({ role, files }, index) =>
    Object.entries(files).flatMap(([path, file]) =>
      file.role === undefined || file.role === role
        ? []
        : [
            error(
              pathText(["nodes", index, "files", path, "role"]),
              `is ${file.role}, and the node is ${role === "server" ? "a server" : "an agent"}`,
              "take it out",
            ),
          ],
    ),
  );

/** What a text of a file may not be. The text itself is not shown: it may be a secret. */
export function textProblem(at: string, text: string): Finding | undefined {
  if (text.includes("\0")) return error(at, "has a NUL byte in it", "write text; a host takes no other files here");
  return Buffer.byteLength(text) > MOST_BYTES
    ? error(at, `is longer than ${MOST_BYTES / 1024} KiB`, "put it on the hosts another way, and name its path")
    : undefined;
}

export const givenFilesChecks: readonly Check[] = [places, contents, modes, rolesOfNodes];

function eachFile(
  { k3s, nodes }: Settings,
  judge: (at: string, path: string, file: GivenFile) => Finding | undefined,
): Finding[] {
  const groups: (readonly [Path, Settings["k3s"]["files"]])[] = [
    [["k3s", "files"], k3s.files],
    ...nodes.map((node, index) => [["nodes", index, "files"], node.files] as const),
  ];
  return groups.flatMap(([where, files]) =>
    Object.entries(files).flatMap(([path, file]) => judge(pathText([...where, path]), path, file) ?? []),
  );
}
