import type { DesiredNode } from "../../desired/nodes";

/** A restore that is to be made, or goes on. */
export interface Restore {
  /** Of this restore alone: the names of what was there before end with it. */
  readonly id: string;
  /** A snapshot's data, or those that the chosen server still has. */
  readonly from: "snapshot" | "survivor";
  /** The server that is reset, and that the others join. */
  readonly chosen: DesiredNode;
  /** Path on the chosen server, or `s3:` and its name there; empty for a survivor's own data. */
  readonly snapshot: string;
  /** All servers that take part. */
  readonly servers: readonly DesiredNode[];
  /** Names of all nodes of the stack. */
  readonly nodes: readonly string[];
}

/** How far a restore is on one server. */
export type Phase = "held" | "resetting" | "reset" | "starting" | "started" | "aside" | "joining" | "joined" | "undone";

/** A restore that was begun, as a server has it written down. */
export interface Unfinished {
  readonly id: string;
  readonly from: "snapshot" | "survivor";
  readonly chosen: string;
  readonly snapshot: string;
  readonly servers: readonly string[];
  readonly phase: Phase;
}

/** A snapshot of etcd, where it lies. */
export interface Snapshot {
  readonly name: string;
  readonly store: "local" | "s3";
  /** The node on whose disk it is; `s3` for one in S3, as k3s has it. */
  readonly node: string;
  /** Its path there, or its `s3://` address. */
  readonly path: string;
  readonly bytes: number;
  /** When it was written, in ISO 8601. */
  readonly time: string;
  /** The k3s that the cluster ran then, as its Nodes told it; empty where it is not known. */
  readonly version: string;
}

export interface SnapshotList {
  /** The newest first. */
  readonly snapshots: readonly Snapshot[];
  /** Servers that did not say, and why. */
  readonly silent: readonly { readonly node: string; readonly reason: string }[];
}
