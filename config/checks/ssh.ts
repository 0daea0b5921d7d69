import { pathText } from "../problem";
import { setSecretCommand } from "../schema/secretPaths";
import type { Settings } from "../settings";
import { hostKeyProblem, privateKeyProblem } from "./sshKeys";
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

/** Whoever trusts any key is told so. */
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

/** The key that the nodes accept is set, and can be one. */
export const privateKey: Check = ({ nodes, ssh }, { missingSecrets }) => {
  if (ssh.privateKey === undefined) {
    if (nodes.length === 0) return [];
    const path = ["ssh", "privateKey"];
    return [
      {
        severity: missingSecrets,
        path: pathText(path),
        problem: "is not set",
        remedy: `set it with: ${setSecretCommand(path)}`,
      },
    ];
  }
  const problem = ssh.privateKey.isKnown
    ? privateKeyProblem(ssh.privateKey.reveal(), ssh.privateKeyPassphrase !== undefined)
    : undefined;
  return problem === undefined ? [] : [split("ssh.privateKey", problem)];
};

/** A bastion's own key can be one; the nodes' passphrase is not for it. */
export const bastionPrivateKeys: Check = ({ ssh }) =>
  Object.entries(ssh.bastions).flatMap(([name, { privateKey: key }]) => {
    const problem = key?.isKnown === true ? privateKeyProblem(key.reveal(), false) : undefined;
    if (problem === undefined) return [];
    const path = pathText(["ssh", "bastions", name, "privateKey"]);
    const isEncrypted = problem.startsWith("is encrypted");
    return [
      isEncrypted
        ? error(path, "is encrypted", "set a key without a passphrase for the bastion")
        : split(path, problem),
    ];
  });

export const sshChecks: readonly Check[] = [
  nodeHostKeys,
  bastionHostKeys,
  trustOnFirstUse,
  knownBastions,
  privateKey,
  bastionPrivateKeys,
];

function bastionOf({ ssh }: Settings, own: string | undefined): string | undefined {
  const name = own ?? ssh.bastion;
  return name === undefined || name === "none" ? undefined : `bastion ${name}`;
}

function hostKey(path: string, key: string | undefined, command: string, trustsAny: boolean): Finding[] {
  if (key === undefined) return trustsAny ? [] : [error(path, "is missing", `print it with: ${command}`)];
  const problem = hostKeyProblem(key);
  return problem === undefined ? [] : [split(path, problem)];
}

function split(path: string, text: string): Finding {
  const [problem = "", remedy = ""] = text.split(/; (.*)/s);
  return error(path, problem, remedy);
}
