import { pathText } from "../problem";
import type { Secret } from "../secret";
import type { Settings } from "../settings";
import { error, warning, type Check, type Finding } from "./check";

/** A password that sudo can be given: one line. */
export const sudoPasswords: Check = (settings) =>
  passwordsOf(settings).flatMap(({ path, password }): Finding[] => {
    if (!password.isKnown) return [];
    const text = password.reveal();
    if (text === "") return [error(path, "is empty", "set it again, or leave it out where sudo asks for nothing")];
    return /[\n\r\0]/.test(text)
      ? [error(path, "has a line break, and sudo takes one line", "set it again without the break")]
      : [];
  });

/** A password that nobody is asked for. */
export const sudoPasswordsOfRoot: Check = (settings) => {
  const { ssh, nodes } = settings;
  const isRoot = (node: Settings["nodes"][number]): boolean => (node.ssh.user ?? ssh.user) === "root";
  const unused = (path: string): Finding =>
    warning(path, "is not used: root needs no sudo", "leave it out, or write the user that sudo is for in ssh.user");
  return [
    ...(ssh.sudoPassword !== undefined && nodes.length > 0 && nodes.every(isRoot) ? [unused("ssh.sudoPassword")] : []),
    ...nodes.flatMap((node, index) =>
      node.ssh.sudoPassword !== undefined && isRoot(node)
        ? [unused(pathText(["nodes", index, "ssh", "sudoPassword"]))]
        : [],
    ),
  ];
};

export const sudoChecks: readonly Check[] = [sudoPasswords, sudoPasswordsOfRoot];

function passwordsOf({ ssh, nodes }: Settings): { path: string; password: Secret }[] {
  const own = nodes.map((node, index) => ({
    path: pathText(["nodes", index, "ssh", "sudoPassword"]),
    password: node.ssh.sudoPassword,
  }));
  return [{ path: "ssh.sudoPassword", password: ssh.sudoPassword }, ...own].flatMap(({ path, password }) =>
    password === undefined ? [] : [{ path, password }],
  );
}
