import type { SummaryLine } from "../desired/summary";
import type { Violation } from "../policy/judge";
import type { PlanValue } from "./values";

/** Version of the plan's shape in `--format json`; it grows when a field changes its meaning or goes away. */
export const PLAN_FORMAT = 2;

/** What a stack is: everything that `pulumi up` would make, worked out without engine, hosts or secrets. */
export interface Plan {
  readonly format: typeof PLAN_FORMAT;
  readonly project: string;
  readonly stack: string;
  /** The cluster in a few lines, for people. */
  readonly summary: readonly SummaryLine[];
  /** One line each: where, what, and what to do. */
  readonly warnings: readonly string[];
  /** What does not keep to the stack's rules. Plans of releases before this do not say it. */
  readonly policy?: readonly Violation[];
  /** Servers in the order in which they join, then agents. */
  readonly nodes: readonly PlanNode[];
  readonly rollout: readonly Wave[];
  readonly releases: readonly PlanRelease[];
  readonly issuers: readonly PlanIssuer[];
  /** The certificates that the stack names. */
  readonly certificates: readonly PlanCertificate[];
  readonly namespaces: readonly PlanNamespace[];
  /** Every resource that is registered, those above included, by type and name; without the nodes' scripts. */
  readonly resources: readonly PlanResource[];
  /** The stack's outputs, by name. */
  readonly outputs: Readonly<Record<string, PlanValue>>;
}

/** A machine and everything that is sent to it. */
export interface PlanNode {
  readonly name: string;
  readonly role: "server" | "agent";
  readonly address: string;
  readonly internalIp: string | undefined;
  readonly externalIp: string | undefined;
  /** How it is reached: `admin@192.168.10.11:22`, with ` through gate.example.org` when there is a bastion. */
  readonly ssh: string;
  /** Version of k3s. */
  readonly version: string;
  readonly interface: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined where there are none, and in plans of releases before this. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly taints: readonly string[];
  /** What is installed on the host for the storage that the stack asks for. */
  readonly packages: readonly string[];
  readonly protect: boolean;
  /** A k3s that somebody else installed on its host is taken over. */
  readonly adopt: boolean;
  /** Gone for good: a server that lives forgets it, and nothing is sent to it. Plans of releases before this do not say it. */
  readonly lost?: boolean;
  readonly files: readonly PlanFile[];
  /** The remote commands in their order; each is one SSH connection. */
  readonly steps: readonly PlanStep[];
}

export interface PlanFile {
  readonly path: string;
  /** Octal, as `chmod` takes it. */
  readonly mode: string;
  readonly content: string;
}

export interface PlanStep {
  /** Name of the resource: `atlas-drain`. */
  readonly name: string;
  /** Name of the node whose host runs it. */
  readonly runsOn: string;
  readonly command: string;
  /** What the script is given, by name; a secret as `[secret]`. */
  readonly facts: Readonly<Record<string, string>>;
  /** What the script does with it, the node's files left out; the same for every node. */
  readonly body: string;
}

/** What may be worked on at the same time, after all that comes before. */
export interface Wave {
  readonly order: number;
  readonly units: readonly RolloutUnit[];
}

export interface RolloutUnit {
  readonly name: string;
  readonly kind: "server" | "agent" | "lost" | "release" | "resource";
}

/** A Helm release. */
export interface PlanRelease {
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  /** Empty for a chart in a directory. */
  readonly version: string;
  /** Empty for a chart in a directory or in an OCI registry. */
  readonly repo: string;
  readonly protect: boolean;
  readonly values: PlanValue;
  /** The other inputs: timeout, atomic and the like. */
  readonly options: Readonly<Record<string, PlanValue>>;
}

export interface PlanIssuer {
  readonly name: string;
  /** In a few words: `Let's Encrypt staging by HTTP-01`. */
  readonly summary: string;
  readonly spec: PlanValue;
}

export interface PlanCertificate {
  readonly name: string;
  readonly namespace: string;
  /** In a few words: `www.example.org by letsencrypt, in the Secret apps/www, renewed 360h before its end`. */
  readonly summary: string;
  readonly spec: PlanValue;
}

export interface PlanNamespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, PlanValue>>;
  readonly quota: Readonly<Record<string, PlanValue>>;
  /** The LimitRange's entries. */
  readonly limits: PlanValue;
  /** Names of its NetworkPolicies. */
  readonly networkPolicies: readonly string[];
  /** Its pull secrets in a few words each: `hub (docker.io as robot)`. */
  readonly pullSecrets: readonly string[];
  /** Its teams with what they may do: `web: edit`. */
  readonly access: readonly string[];
}

/** Any resource. */
export interface PlanResource {
  readonly type: string;
  readonly name: string;
  /** Name of the component that it is part of; empty for none. */
  readonly parent: string;
  readonly inputs: Readonly<Record<string, PlanValue>>;
  /** Names of the resources that are there before it. */
  readonly dependsOn: readonly string[];
  readonly protect: boolean;
}
