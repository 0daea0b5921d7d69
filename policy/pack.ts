import { GroundworkError } from "../config/groundworkError";
import { problemLine } from "../config/problem";
import { walkSchema } from "../config/read/schemaWalk";
import {
  POLICY_RULES,
  policyRules,
  policySchema,
  type PolicyLevel,
  type PolicyRule,
  type PolicySettings,
} from "../config/schema/policy";
import { levelOf, violationsOf, type Violation } from "./judge";
import { group, isUnknown, policyObject, UNKNOWN, type Fields, type PolicyObject } from "./object";
import { rules } from "./rules";

/** What a policy pack is to be: the same as a stack's `groundwork:policy`. */
export interface PolicyPackSettings {
  /** How much each rule counts: `{ "image-pinned": "refuse" }`. */
  readonly levels?: Readonly<Partial<Record<PolicyRule, PolicyLevel>>>;
  /** Objects that a rule does not count for. */
  readonly exceptions?: readonly {
    readonly rule: PolicyRule;
    /** `DaemonSet monitoring/node-exporter`; `*` stands for any part of a name. */
    readonly at: string;
    readonly reason: string;
  }[];
}

/** A resource as `@pulumi/policy` has it, as far as it is read here. */
interface PackResource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly props: Record<string, unknown>;
}

type Report = (message: string, urn?: string) => void;

/** A policy in the form of `@pulumi/policy`, which this package does not need itself. */
export interface PackPolicy {
  readonly name: string;
  readonly description: string;
  readonly enforcementLevel: "advisory" | "mandatory";
  readonly remediationSteps: string;
}

/** A policy that looks at each resource before it is made. */
export interface PackResourcePolicy extends PackPolicy {
  readonly validateResource: (resource: PackResource, report: Report) => void;
}

/** A policy that looks at all resources together. */
export interface PackStackPolicy extends PackPolicy {
  readonly validateStack: (stack: { readonly resources: readonly PackResource[] }, report: Report) => void;
}

/**
 * Groundwork's rules as policies of a pack, for programs that make objects of Kubernetes.
 *
 * @throws Error with everything that is wrong with the settings
 *
 * @example
 * ```ts
 * new PolicyPack("cluster", { policies: groundworkPolicies({ levels: { "image-pinned": "refuse" } }) });
 * ```
 */
export function groundworkPolicies(settings: PolicyPackSettings = {}): (PackResourcePolicy | PackStackPolicy)[] {
  const { value, problems } = walkSchema(policySchema, settings);
  if (problems.length > 0) {
    const lines = problems.map((problem) => `  ${problemLine(problem)}`);
    throw new GroundworkError("usage", ["The policies have problems:", ...lines].join("\n"), { problems });
  }
  const policy = value as PolicySettings;
  return policyRules.flatMap((rule) => {
    const level = levelOf(rule, policy);
    if (level === "off") return [];
    const parts: PackPolicy = {
      name: rule,
      description: `${POLICY_RULES[rule].asks}; otherwise ${rules[rule].reason}`,
      enforcementLevel: level === "refuse" ? "mandatory" : "advisory",
      remediationSteps: rules[rule].remedy,
    };
    const judged = (object: PolicyObject, all: readonly PolicyObject[]): Violation[] =>
      violationsOf(rule, object, all, policy);
    return [rules[rule].needsAll === true ? stackPolicy(parts, judged) : resourcePolicy(parts, judged)];
  });
}

type Judged = (object: PolicyObject, all: readonly PolicyObject[]) => Violation[];

function resourcePolicy(parts: PackPolicy, judged: Judged): PackResourcePolicy {
  return {
    ...parts,
    validateResource: (resource, report) => {
      const object = objectOf(resource);
      if (object !== undefined) for (const found of judged(object, [object])) report(messageOf(found));
    },
  };
}

function stackPolicy(parts: PackPolicy, judged: Judged): PackStackPolicy {
  return {
    ...parts,
    validateStack: ({ resources }, report) => {
      const objects = resources.flatMap((resource) => {
        const object = objectOf(resource);
        return object === undefined ? [] : [{ object, urn: resource.urn }];
      });
      const all = objects.map(({ object }) => object);
      for (const { object, urn } of objects) for (const found of judged(object, all)) report(messageOf(found), urn);
    },
  };
}

/** The engine shows the reason beside it, and the remediation steps nowhere. */
function messageOf({ at, problem, remedy }: Violation): string {
  return `${at}: ${problem}; ${remedy}`;
}

/** The object that a resource is; undefined for others, for patches, and where it is not known yet which object it is. */
function objectOf({ type, name, props }: PackResource): PolicyObject | undefined {
  const kind = /^kubernetes:[^:]+:(\w+)$/.exec(type)?.[1];
  if (kind === undefined || /(Patch|List|Release|Chart)$/.test(kind)) return undefined;
  const manifest: Fields = { ...group(known(props)), kind };
  const metadata = group(manifest["metadata"]);
  return isUnknown(metadata["namespace"]) || isUnknown(metadata["name"]) ? undefined : policyObject(manifest, name);
}

/** Plain data: reading a value that is not known in a preview fails, of itself and not of what is around it. */
function known(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Record<string, unknown>;
  const read = (key: string): unknown => {
    try {
      return known(fields[key]);
    } catch {
      return UNKNOWN;
    }
  };
  return Array.isArray(value)
    ? Object.keys(value).map(read)
    : Object.fromEntries(Object.keys(fields).map((key) => [key, read(key)]));
}
