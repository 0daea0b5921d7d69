import { z } from "zod";
import { nodeName, seconds } from "./scalars";

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
});
