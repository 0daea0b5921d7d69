import { z } from "zod";

/** Checks of `groundwork preflight` whose errors and warnings somebody may know better about, with what each looks at. */
export const LOWERABLE_CHECKS = {
  address: "internalIp is on an interface of the host, and on the chosen one",
  cgroups: "the kernel's cgroup controllers are on",
  clock: "the hosts' clocks agree",
  "disk-space": "there is room on /var/lib",
  dns: "the resolvers answer the hosts",
  "etcd-disk": "a server's disk flushes as fast as etcd asks for",
  firewall: "the host's own firewall lets the nodes through",
  "host-key": "no two hosts have the same host key",
  hostname: "no two hosts have the same name",
  initiator: "no two hosts have the same iSCSI initiator",
  interface: "the chosen interface has an address",
  "machine-id": "no two hosts have the same machine id",
  memory: "there is as much memory as k3s asks for",
  mirror: "k3s can be had from its mirror",
  modules: "the kernel has what k3s needs",
  multipath: "multipathd leaves Longhorn's volumes alone",
  nfs: "the NFS server answers and exports the directory",
  "node-mtu": "full packets pass between the nodes",
  "node-ping": "the nodes answer one another's ping",
  "node-reach": "the nodes reach one another at all",
  "node-tcp": "the nodes reach one another's TCP ports",
  "node-udp": "flannel's packets pass between the nodes, both ways",
  resolver: "the host knows a resolver that pods can ask",
  selinux: "an SELinux that enforces has k3s's policy",
} as const;

export type LowerableCheck = keyof typeof LOWERABLE_CHECKS;

const names = Object.keys(LOWERABLE_CHECKS) as [LowerableCheck, ...LowerableCheck[]];

/** `groundwork:preflight` */
export const preflightSchema = z.strictObject({
  lower: z
    .partialRecord(z.enum(names), z.string().trim().min(1, "is empty; write why it is no error here"))
    .default({})
    .describe(
      `Checks that count less on this site, each with the reason: an error becomes a warning, a warning is only told. Both are shown with the reason, and 'up' goes by it too. The checks: ${names.join(", ")}.`,
    ),
});
