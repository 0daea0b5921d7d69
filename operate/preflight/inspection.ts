import type { DesiredNode } from "../../desired/nodes";
import type { Finding } from "../finding";
import { factsOf, failureOf } from "../facts";
import type { HostAnswer } from "../host";

/** What one host said of itself. */
export interface Inspection {
  readonly node: DesiredNode;
  readonly findings: readonly Finding[];
  /** What tells it from the others; undefined where it could not say. */
  readonly facts: HostFacts | undefined;
}

export interface HostFacts {
  readonly hostname: string;
  /** Sums of what every machine has of its own; empty where it has none. */
  readonly machineId: string;
  readonly initiator: string;
  /** All of its global addresses with their interface. */
  readonly addresses: readonly { readonly address: string; readonly on: string }[];
  /** The interface of the default route. */
  readonly defaultInterface: string;
  /** MTU of the interface that the nodes use, in bytes. */
  readonly mtu: number | undefined;
}

/** Reads what the host program said. */
export function inspectionOf(node: DesiredNode, answer: HostAnswer): Inspection {
  if (answer.code !== 0) return { node, findings: [failed(node, answer)], facts: undefined };
  const facts = factsOf(answer);
  const fact = (name: string): string => facts.get(name) ?? "";
  return {
    node,
    findings: findingsIn(answer.stdout, node.name),
    facts: {
      hostname: fact("hostname"),
      machineId: fact("machine_id"),
      initiator: fact("initiator"),
      addresses: fact("addresses")
        .split(",")
        .filter((each) => each !== "")
        .map((each) => ({ address: each.split(" ")[0] ?? "", on: each.split(" ")[1] ?? "" })),
      defaultInterface: fact("default_interface"),
      mtu: fact("mtu") === "" ? undefined : Number(fact("mtu")),
    },
  };
}

/** The lines of findings in a host program's output: name of the check, level, message and remedy, separated by tabs. */
export function findingsIn(text: string, where: string): Finding[] {
  return text.split("\n").flatMap((line): Finding[] => {
    const [mark, check = "", level = "", message = "", remedy = ""] = line.split("\t");
    if (mark !== "finding" || (level !== "error" && level !== "warning" && level !== "ok")) return [];
    return [{ check, where, level, message, remedy }];
  });
}

function failed({ name, ssh }: DesiredNode, answer: HostAnswer): Finding {
  const said = failureOf(answer);
  if (/^sudo: /m.test(answer.stderr)) {
    return {
      check: "ssh",
      where: name,
      level: "error",
      message: `${ssh.user} may not become root: ${said}`,
      remedy: `let ${ssh.user} use sudo without a password there, or set ssh.user to one who may`,
    };
  }
  const [message = "", ...rest] = said.replace(`${name}: `, "").split("; ");
  return { check: "host", where: name, level: "error", message, remedy: rest.join("; ") };
}

/** Why a host was not reached, and what to do about it. */
export function unreached({ name, ssh }: DesiredNode, error: Error): Finding {
  const at = `${ssh.host} port ${ssh.port}`;
  const said = error.message;
  const finding = (message: string, remedy: string): Finding => ({
    check: "ssh",
    where: name,
    level: "error",
    message,
    remedy,
  });
  if (said.includes("host key mismatch")) {
    return finding(
      said.replace(/^ssh: host key mismatch: /, ""),
      "compare it with what the machine itself says ('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub' there); if it was installed anew, write the new key as its hostKey",
    );
  }
  if (/authentication methods failed/i.test(said)) {
    return finding(
      `${ssh.user} is not let in at ${at} with the stack's key`,
      `put the public half of ssh.privateKey into ${ssh.user}'s ~/.ssh/authorized_keys there, or correct ssh.user`,
    );
  }
  const through = ssh.bastion === undefined ? "" : `, through the bastion ${ssh.bastion.name}`;
  return finding(
    `it is not reached at ${at}${through}: ${said.replace(/^cannot connect to .*?: /, "")}`,
    "switch it on and start its sshd, or correct the node's address and port",
  );
}
