import { z } from "zod";

/** One entry of `groundwork:namespaces`. */
export const namespaceSchema = z.strictObject({
  labels: z.record(z.string(), z.string()).default({}).describe("Labels of the namespace."),
  podSecurity: z
    .enum(["privileged", "baseline", "restricted"])
    .default("baseline")
    .describe("Pod Security level that is enforced."),
  quota: z
    .record(z.string(), z.union([z.string(), z.number()], "is not a quantity; write one like 4 or 8Gi"))
    .default({})
    .describe("ResourceQuota, e.g. requests.cpu: 4, limits.memory: 8Gi, pods: 20."),
  limits: z
    .strictObject({
      default: z.record(z.string(), z.string()).optional().describe("Limits of a container that sets none."),
      defaultRequest: z.record(z.string(), z.string()).optional().describe("Requests of a container that sets none."),
      max: z.record(z.string(), z.string()).optional().describe("Most that a container may have."),
      min: z.record(z.string(), z.string()).optional().describe("Least that a container may have."),
    })
    .optional()
    .describe("LimitRange for containers."),
  defaultDeny: z
    .boolean()
    .default(false)
    .describe("Deny all traffic into and out of the namespace's pods but for DNS and traffic inside it."),
});
