import type { Hunk } from "./lineDiff";

/** Version of the difference's shape in `--format json`. */
export const DIFFERENCE_FORMAT = 2;

/** What turns one revision's stack into another's. */
export interface Difference {
  readonly format: typeof DIFFERENCE_FORMAT;
  readonly project: string;
  readonly stack: string;
  /** `base`: from another revision to this one; `live`: from what is there to this one, by the engine's preview. Default: base. */
  readonly view?: "base" | "live" | undefined;
  /** The revision that is compared with, as it was given; of a live one what it was compared with, in words. */
  readonly against: string;
  /** Set where the preview failed: then what is here is what was known until it did. */
  readonly failed?: boolean | undefined;
  /** What makes the comparison itself less sure. */
  readonly warnings: readonly string[];
  /** What a careful person would ask about first: a rename, a skipped version, a lost quorum. */
  readonly risky: readonly RiskyChange[];
  /** What happens, in the words of the trade. */
  readonly verdict: Verdict;
  /** On which nodes k3s restarts, in the order of the roll-out; empty where there is no order to tell. */
  readonly restarts: readonly string[];
  readonly changes: readonly Change[];
}

/** What an `up` does, said before everything else. */
export interface Verdict {
  /** `3 servers restart, one at a time; the API stays up; etcd keeps 2 of 3; nothing is deleted`. */
  readonly line: string;
  /** The machines to which something happens, in the order of the plan. */
  readonly hosts: readonly HostVerdict[];
  /** What hurts when nobody thought of it: deletions, replacements, a kubelet of a new minor version. A sentence each. */
  readonly bites: readonly string[];
}

/** What happens to one machine, as words for people; empty where there is nothing to say. */
export interface HostVerdict {
  readonly name: string;
  readonly role: string;
  /** `k3s v1.35.6+k3s1 to v1.36.4+k3s1; config.yaml`. */
  readonly changes: string;
  /** What becomes of its k3s: `restarts`, `starts`, `is uninstalled`, `goes on`. */
  readonly k3s: string;
  /** Whether its pods move away before. */
  readonly drain: string;
  /** Its place in the order: the same number is at the same time. */
  readonly order: string;
}

/** A change that may be refused, or that cannot be taken back. */
export interface RiskyChange {
  /** What changes: `a1 is called worker1 at the same address 10.0.0.12`. */
  readonly what: string;
  /** What will happen. */
  readonly happens: string;
  /** What to do. */
  readonly remedy: string;
  /** Set where the hosts refuse it before anything is touched. */
  readonly refused?: boolean | undefined;
}

/** What a change is about, in the order in which it is shown. */
export const CHANGE_KINDS = ["node", "release", "issuer", "namespace", "resource", "roll-out", "output"] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** One node, release or other resource that is not the same in both revisions. */
export interface Change {
  readonly kind: ChangeKind;
  readonly name: string;
  /** Pulumi's type of the resource; empty where it is not one resource. */
  readonly type: string;
  readonly action: "added" | "removed" | "changed";
  /** What will happen, in a few words each: `k3s restarts after a drain`. */
  readonly notes: readonly string[];
  readonly documents: readonly DocumentChange[];
}

/** A file, a script or a resource's inputs. */
export interface DocumentChange {
  /** The file's path on the host, or `settings`, `values`, `inputs`, `script atlas-drain`. */
  readonly name: string;
  readonly hunks: readonly Hunk[];
}
