import { z } from "zod";
import { dnsLabel, secret } from "./scalars";

/** Credentials of a registry, for the pods of one namespace. */
const pullSecret = z.strictObject({
  registry: z
    .string()
    .regex(
      /^(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?(\/[-a-z0-9._/]+)?$/,
      "is not a registry; write its host as it stands in an image's name, e.g. registry.example.org:5000, or docker.io",
    )
    .describe(
      "Host of the registry, with its port or a path below it where those are meant: registry.example.org/shop.",
    ),
  username: z.string().min(1).describe("User name, best of an account that may only read."),
  password: secret.optional().describe("Its password or token."),
});

/** A rule of a Role, in Kubernetes's own words. */
const rule = z.strictObject({
  apiGroups: z
    .array(
      z
        .string()
        .regex(
          /^(|\*|[a-z0-9]([-a-z0-9.]*[a-z0-9])?)$/,
          'is not an API group; write it without a version, e.g. apps; "" is that of pods and services',
        ),
    )
    .min(1)
    .default([""])
    .describe('API groups of the resources; "" is that of pods, services, secrets.'),
  resources: z
    .array(
      z
        .string()
        .regex(
          /^(\*|[a-z0-9][-a-z0-9.]*)(\/[a-z*]+)?$/,
          "is not a resource; write its plural in lower case, as kubectl api-resources shows it, e.g. pods or pods/log",
        ),
    )
    .min(1)
    .describe("What it is about, e.g. pods, pods/exec, deployments."),
  resourceNames: z.array(z.string().min(1)).min(1).optional().describe("Only objects of these names."),
  verbs: z
    .array(z.string().regex(/^(\*|[a-z]+)$/, "is not a verb; write one like get, list, watch, create or delete"))
    .min(1)
    .describe("What may be done: get, list, watch, create, update, patch, delete."),
});

/** What a team may do in a namespace. */
const access = z.strictObject({
  role: z
    .enum(["view", "edit", "admin"])
    .optional()
    .describe(
      "One of Kubernetes's own roles: view (read all but secrets), edit (change all but roles), admin (roles, too).",
    ),
  rules: z.array(rule).default([]).describe("Rules of your own, beside the role or in place of it."),
});

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
    .describe(
      "LimitRange for containers. Pods that say nothing of what a quota counts are refused. Default: for CPU and memory that a quota counts, requests of 50m and 64Mi, limits of 500m and 512Mi.",
    ),
  defaultDeny: z
    .boolean()
    .default(false)
    .describe(
      "Deny all traffic into and out of the namespace's pods but for DNS, traffic inside it, and what an ingress controller of the stack passes on (allowIngressController).",
    ),
  allowIngressController: z
    .boolean()
    .default(true)
    .describe(
      "Beside defaultDeny: let in what the stack's ingress controller passes on, ingress-nginx or k3s's Traefik. false: only what policies of your own let in.",
    ),
  pullSecrets: z
    .record(dnsLabel, pullSecret)
    .default({})
    .describe(
      "Credentials of registries, each a Secret of its name. Pods that name no service account and no pull secret use all of them.",
    ),
  access: z
    .record(dnsLabel, access)
    .default({})
    .describe(
      "Teams that may work in the namespace, by name: each has a service account; 'groundwork kubeconfig --team' makes its kubeconfig.",
    ),
});
