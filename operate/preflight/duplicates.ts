import type { Finding } from "../finding";
import type { HostFacts, Inspection } from "./inspection";

/** What every machine has of its own, and what happens where two have the same: most of them are clones. */
const OWN: readonly {
  readonly check: string;
  readonly level: Finding["level"];
  readonly of: (inspection: Inspection, facts: HostFacts) => string;
  readonly what: string;
  readonly remedy: string;
}[] = [
  {
    check: "machine-id",
    level: "error",
    of: (_, { machineId }) => machineId,
    what: "the machine id",
    remedy:
      "on the clone: 'rm /etc/machine-id /var/lib/dbus/machine-id; systemd-machine-id-setup', then reboot; DHCP and the journal take both for one machine",
  },
  {
    check: "host-key",
    level: "warning",
    of: ({ node }) => node.ssh.hostKey?.trim().split(/\s+/)[1] ?? "",
    what: "the SSH host key",
    remedy:
      "on the clone: 'rm /etc/ssh/ssh_host_*; ssh-keygen -A', restart its sshd, and write the new key as its hostKey",
  },
  {
    check: "hostname",
    level: "warning",
    of: (_, { hostname }) => hostname,
    what: "the host name",
    remedy: "on one of them: 'hostnamectl set-hostname NAME', so that logs tell them apart",
  },
  {
    check: "initiator",
    level: "error",
    of: (_, { initiator }) => initiator,
    what: "the iSCSI initiator's name",
    remedy:
      "on the clone: write a new name (iscsi-iname) into /etc/iscsi/initiatorname.iscsi and restart iscsid; Longhorn's volumes would mix them up",
  },
];

/** Names each host that has something of its own in common with another one. */
export function duplicateFindings(inspections: readonly Inspection[]): Finding[] {
  return OWN.flatMap(({ check, level, of, what, remedy }) => {
    const first = new Map<string, string>();
    const found: Finding[] = [];
    for (const inspection of inspections) {
      const own = inspection.facts === undefined ? "" : of(inspection, inspection.facts);
      if (own === "") continue;
      const { name } = inspection.node;
      const other = first.get(own);
      if (other === undefined) first.set(own, name);
      else found.push({ check, where: name, level, message: `it has ${what} of ${other}`, remedy });
    }
    if (found.length > 0 || first.size < 2) return found;
    return [{ check, where: undefined, level: "ok", message: `no two hosts have the same: ${what}`, remedy: "" }];
  });
}
