import type { Hunk } from "./lineDiff";

/** Version of the difference's shape in `--format json`. */
export const DIFFERENCE_FORMAT = 2;

/** What turns one revision's stack into another's. */
export interface Difference {
  readonly format: typeof DIFFERENCE_FORMAT;
  readonly project: string;
  readonly stack: string;
  /** The revision that is compared with, as it was given. */
  readonly against: string;
  /** What makes the comparison itself less sure. */
  readonly warnings: readonly string[];
  /** What a careful person would ask about first: a rename, a skipped version, a lost quorum. */
  readonly risky: readonly RiskyChange[];
  /** On which nodes k3s restarts, in the order of the roll-out; empty where there is no order to tell. */
  readonly restarts: readonly string[];
  readonly changes: readonly Change[];
}

/** A change that may be refused, or that cannot be taken back. */
export interface RiskyChange {
  /** What changes: `a1 is called worker1 at the same address 10.0.0.12`. */
  readonly what: string;
  /** What will happen. */
  readonly happens: string;
  /** What to do. */
  readonly remedy: string;
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
