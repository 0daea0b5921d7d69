import { z } from "zod";

/** How much a rule counts: not looked at, shown, or shown and refused by `up`. */
export const POLICY_LEVELS = ["off", "warn", "refuse"] as const;

export type PolicyLevel = (typeof POLICY_LEVELS)[number];

/** The rules by name, with what each asks for and how much it counts where nobody says so. */
export const POLICY_RULES = {
  "disruption-budget": { asks: "two replicas or more have a PodDisruptionBudget", level: "warn" },
  "image-pinned": { asks: "an image has a tag other than latest, or a digest", level: "warn" },
  "ingress-tls": { asks: "an Ingress has TLS for each of its hosts", level: "warn" },
  "prestop-grace": { asks: "what runs before a container ends is shorter than the time it has to end", level: "warn" },
  "privileged-pod": { asks: "a pod keeps to the Pod Security level baseline", level: "warn" },
  "readiness-probe": { asks: "pods that answer requests say when they are ready", level: "warn" },
  "resource-requests": { asks: "a container requests CPU and memory", level: "warn" },
  "staging-issuer": { asks: "no certificate is of Let's Encrypt's staging", level: "off" },
} as const satisfies Readonly<Record<string, { readonly asks: string; readonly level: PolicyLevel }>>;

export type PolicyRule = keyof typeof POLICY_RULES;

export const policyRules = Object.keys(POLICY_RULES) as [PolicyRule, ...PolicyRule[]];

const defaults = (level: PolicyLevel): string =>
  policyRules.filter((rule) => POLICY_RULES[rule].level === level).join(", ");

const exceptionSchema = z.strictObject({
  rule: z.enum(policyRules).describe("Name of the rule."),
  at: z
    .string()
    .regex(
      /^[A-Z][A-Za-z0-9]* (\S+\/)?[^\s/]+$/,
      "is no object; write its kind, namespace and name: DaemonSet monitoring/node-exporter",
    )
    .describe(
      "Which object: `Kind namespace/name`, or `Kind name` for one without a namespace. `*` stands for any part of a name.",
    ),
  reason: z.string().trim().min(1, "is empty; write why it is right here").describe("Why it is right here."),
});

/** `groundwork:policy`, and what a policy pack is made with */
export const policySchema = z.strictObject({
  levels: z
    .partialRecord(z.enum(policyRules), z.enum(POLICY_LEVELS))
    .default({})
    .describe(
      `How much a rule counts: off, warn (the plan and 'up' show it) or refuse ('up' stops before anything changes). Default: ${defaults("warn")} warn; ${defaults("off")} is off.`,
    ),
  exceptions: z
    .array(exceptionSchema)
    .default([])
    .describe("Objects that a rule does not count for, each with the reason."),
});

export type PolicySettings = z.output<typeof policySchema>;
