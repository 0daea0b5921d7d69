import { z } from "zod";
import { rolloutWindowSchema } from "./rolloutWindow";
import { nodeName, seconds } from "./scalars";

/** `groundwork:rollout.check` */
export const rolloutCheckSchema = z.strictObject({
  command: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Shell text that must end with 0. It runs as root on a server (a server's own host, the first server for agents), with KUBECONFIG set, kubectl at hand, and the node in GROUNDWORK_NODE and GROUNDWORK_ROLE. No place for secrets: it stands in the state and on the host; read them from a file there.",
    ),
  job: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      "In place of a command: a Kubernetes Job (batch/v1) as its manifest has it, which must complete. It is made anew for each node, its name followed by the node's, with the node in the annotation groundwork/node.",
    ),
  timeoutSeconds: seconds
    .default(300)
    .describe("How long it may take on each node, in seconds; then it has failed, and is ended."),
});

/** `groundwork:rollout` */
export const rolloutSchema = z.strictObject({
  agentsAtOnce: z
    .number()
    .int()
    .min(1)
    .default(10)
    .describe("How many agents are worked on at the same time. Servers always go one after another."),
  maxUnavailable: z.number().int().min(1).default(1).describe("How many agents may be drained at the same time."),
  drain: z
    .enum(["restart", "upgrade", "never"])
    .default("restart")
    .describe(
      "When a node is drained before it changes: whenever k3s restarts, only when its version changes, or never.",
    ),
  drainTimeoutSeconds: seconds
    .default(300)
    .describe("How long a drain may take before it is given up and the node is uncordoned, in seconds."),
  operator: nodeName
    .optional()
    .describe(
      "Name of the server that is logged in to for what is done about agents in Kubernetes. Name another one while the first server's machine is down. Default: the first server.",
    ),
  readyTimeoutSeconds: seconds
    .default(300)
    .describe("How long a node may take to be Ready (and a server to be an etcd voter), in seconds."),
  waitForVolumes: z
    .boolean()
    .default(true)
    .describe(
      "Where Longhorn is in the cluster (whoever installed it): drain a node only when no volume is degraded, rebuilding or faulted.",
    ),
  volumesTimeoutSeconds: seconds
    .default(1800)
    .describe("How long a node waits before its drain for Longhorn's volumes to be healthy, in seconds."),
  check: rolloutCheckSchema
    .optional()
    .describe(
      "A gate of your own: it must succeed after each node that 'up' changes, or the roll-out stops there. A node that joins for the first time is not checked.",
    ),
  window: rolloutWindowSchema
    .optional()
    .describe(
      "When 'up' may restart k3s on nodes of the cluster. Outside of it a node that would restart is refused before it is touched. Nodes that join or leave, and changes that restart nothing, are not bound to it. Default: at any time.",
    ),
});
