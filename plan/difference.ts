import type { Hunk } from "./lineDiff";

/** Version of the difference's shape in `--format json`. */
export const DIFFERENCE_FORMAT = 1;

/** What turns one revision's stack into another's. */
export interface Difference {
  readonly format: typeof DIFFERENCE_FORMAT;
  readonly project: string;
  readonly stack: string;
  /** The revision that is compared with, as it was given. */
  readonly against: string;
  /** What would bite: a downgrade, a lost quorum; and what makes the comparison itself less sure. */
  readonly warnings: readonly string[];
  readonly changes: readonly Change[];
}

export type ChangeKind = "node" | "release" | "issuer" | "namespace" | "resource" | "roll-out" | "output";

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
