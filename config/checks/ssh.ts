import { pathText } from "../problem";
import { setSecretCommand } from "../schema/secretPaths";
import type { Secret } from "../secret";
import type { Settings } from "../settings";
import { hasPassphrase, hostKeyProblem, privateKeyProblem } from "./sshKeys";
import { error, warning, type Check, type Finding } from "./check";

/** A host key is required, so that nobody else can answer in a machine's place. */
export const nodeHostKeys: Check = (settings) =>
  settings.nodes.flatMap((node, index) => {
    const bastion = bastionOf(settings, node.ssh.bastion);
    const where = bastion === undefined ? "" : ` (on ${bastion})`;
    const command = `ssh-keyscan -t ed25519 -p ${node.ssh.port ?? settings.ssh.port} ${node.address}${where}`;
    return hostKey(`nodes[${index}].hostKey`, node.hostKey, command, settings.ssh.trustOnFirstUse);
  });

/** The same for the machines in between. */
export const bastionHostKeys: Check = ({ ssh }) =>
  Object.entries(ssh.bastions).flatMap(([name, bastion]) => {
    const command = `ssh-keyscan -t ed25519 -p ${bastion.port} ${bastion.address}`;
    return hostKey(pathText(["ssh", "bastions", name, "hostKey"]), bastion.hostKey, command, ssh.trustOnFirstUse);
  });

/** Every machine has a host key of its own; a cloned one has that of the other. */
export const oneKeyEach: Check = ({ nodes }) => {
  const first = new Map<string, number>();
  return nodes.flatMap(({ hostKey: text }, index): Finding[] => {
    if (text === undefined) return [];
    const key = text.trim().split(/\s+/)[1] ?? text;
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, index);
      return [];
    }
    return [
      warning(
        `nodes[${index}].hostKey`,
        `is the host key of nodes[${other}] too, so that either machine can answer for the other`,
        "if one is a clone, make new keys on it with 'rm /etc/ssh/ssh_host_*; ssh-keygen -A', restart its sshd, and write the new one here",
      ),
    ];
  });
};

/** Trust in any key is never silent. */
export const trustOnFirstUse: Check = ({ ssh }) =>
  ssh.trustOnFirstUse
    ? [
        warning(
          "ssh.trustOnFirstUse",
          "accepts any machine that answers, and gives it the cluster's secrets",
          "write hostKey on every node instead; keep this for disposable labs",
        ),
      ]
    : [];

/** A bastion that is named exists, and 'none' stays free to mean a direct connection. */
export const knownBastions: Check = ({ nodes, ssh }) => {
  const names = Object.keys(ssh.bastions).filter((name) => name !== "none");
  const unknown = (path: string, name: string | undefined): Finding[] => {
    if (name === undefined || name === "none" || Object.hasOwn(ssh.bastions, name)) return [];
    const known =
      names.length === 0
        ? "describe it under ssh.bastions"
        : `write ${names.join(" or ")}, or describe it under ssh.bastions`;
    return [error(path, `'${name}' is not a bastion`, known)];
  };
  return [
    ...(Object.hasOwn(ssh.bastions, "none")
      ? [error("ssh.bastions.none", "'none' means a direct connection", "give the bastion another name")]
      : []),
    ...unknown("ssh.bastion", ssh.bastion),
    ...nodes.flatMap((node, index) => unknown(`nodes[${index}].ssh.bastion`, node.ssh.bastion)),
  ];
};

/** The key that the nodes accept is set, and can be one; with `ssh.agent` there need be none. */
export const privateKey: Check = ({ nodes, ssh }, { missingSecrets }) => {
  const path = ["ssh", "privateKey"];
  const key = ssh.privateKey;
  if (key === undefined) {
    if (nodes.length === 0 || ssh.agent) return [];
    const remedy = `set it with: ${setSecretCommand(path)}`;
    return [{ severity: missingSecrets, path: pathText(path), problem: "is not set", remedy }];
  }
  const found = key.isKnown ? privateKeyProblem(key.reveal(), setSecretCommand(path)) : undefined;
  return found === undefined ? [] : [error(pathText(path), found.problem, found.remedy)];
};

/** A key with a passphrase has it set, and one without has none: neither can be used otherwise. */
export const passphrase: Check = ({ ssh }) =>
  ssh.privateKey === undefined && !ssh.agent ? [] : passphraseOf(["ssh"], ssh); // a key that is missing is said already

/** A bastion's own key can be one, and has a passphrase of its own; the nodes' is not for it. */
export const bastionPrivateKeys: Check = ({ ssh }) =>
  Object.entries(ssh.bastions).flatMap(([name, bastion]) => {
    const { privateKey: key } = bastion;
    if (key?.isKnown === true) {
      const path = ["ssh", "bastions", name, "privateKey"];
      const found = privateKeyProblem(key.reveal(), setSecretCommand(path));
      if (found !== undefined) return [error(pathText(path), found.problem, found.remedy)];
    }
    return passphraseOf(["ssh", "bastions", name], bastion);
  });

export const sshChecks: readonly Check[] = [
  nodeHostKeys,
  bastionHostKeys,
  oneKeyEach,
  trustOnFirstUse,
  knownBastions,
  privateKey,
  passphrase,
  bastionPrivateKeys,
];

interface KeyWithPassphrase {
  readonly privateKey?: Secret | undefined;
  readonly privateKeyPassphrase?: Secret | undefined;
}

function passphraseOf(
  at: readonly string[],
  { privateKey: key, privateKeyPassphrase: given }: KeyWithPassphrase,
): Finding[] {
  const [ofKey, path] = [
    [...at, "privateKey"],
    [...at, "privateKeyPassphrase"],
  ];
  const remove = `remove it with: pulumi config rm --path 'groundwork:${pathText(path)}'`;
  if (key === undefined) {
    return given === undefined ? [] : [error(pathText(path), `is set, but ${pathText(ofKey)} is not`, remove)];
  }
  if (!key.isKnown || privateKeyProblem(key.reveal(), "") !== undefined) return [];
  if (hasPassphrase(key.reveal()) === (given !== undefined)) return [];
  return [
    given === undefined
      ? error(pathText(ofKey), "is encrypted", `set its passphrase too: ${setSecretCommand(path)}`)
      : error(pathText(path), `is set, but ${pathText(ofKey)} has no passphrase`, remove),
  ];
}

function bastionOf({ ssh }: Settings, own: string | undefined): string | undefined {
  const name = own ?? ssh.bastion;
  return name === undefined || name === "none" ? undefined : `bastion ${name}`;
}

function hostKey(path: string, key: string | undefined, command: string, trustsAny: boolean): Finding[] {
  if (key === undefined) return trustsAny ? [] : [error(path, "is missing", `print it with: ${command}`)];
  const found = hostKeyProblem(key, command);
  return found === undefined ? [] : [error(path, found.problem, found.remedy)];
}
