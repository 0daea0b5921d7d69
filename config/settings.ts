import { z } from "zod";
import { certificatesSchema, issuerSchema } from "../addons/cert-manager/settings";
import { ingressSchema } from "../addons/ingress-nginx/settings";
import type { MeasuredFiles } from "./upload";
import { clusterSchema } from "./schema/cluster";
import { dnsSchema } from "./schema/dns";
import { k3sSchema } from "./schema/k3s";
import { namespaceSchema } from "./schema/namespaces";
import { networkSchema } from "./schema/network";
import { nodeSchema } from "./schema/nodes";
import { policySchema } from "./schema/policy";
import { preflightSchema } from "./schema/preflight";
import { releaseSchema } from "./schema/releases";
import { rolloutSchema } from "./schema/rollout";
import { dnsLabel } from "./schema/scalars";
import { sshSchema } from "./schema/ssh";
import { storageSchema } from "./schema/storage";

/** Everything that a stack says, one entry a key of its file (`groundwork:<key>`); read by config/read/schema.ts. */
export const settingsShape = {
  cluster: clusterSchema.prefault({}).describe("The cluster as a whole."),
  nodes: z.array(nodeSchema).default([]).describe("The machines, in the order in which servers join."),
  network: networkSchema.prefault({}).describe("How nodes and pods reach one another."),
  dns: dnsSchema.prefault({}).describe("Name resolution of pods."),
  ssh: sshSchema.prefault({}).describe("How the machines are reached."),
  k3s: k3sSchema.prefault({}).describe("The Kubernetes distribution itself."),
  storage: storageSchema.prefault({}).describe("Storage classes."),
  ingress: ingressSchema.prefault({}).describe("The way in from outside."),
  certificates: certificatesSchema.prefault({}).describe("cert-manager."),
  issuers: z.record(dnsLabel, issuerSchema).default({}).describe("ClusterIssuers by name."),
  /** What each of them may be set to is known above this, where all add-ons are. */
  addons: z.record(z.string(), z.unknown()).default({}).describe("Further add-ons, each by its name."),
  namespaces: z.record(dnsLabel, namespaceSchema).default({}).describe("Namespaces by name."),
  releases: z.record(dnsLabel, releaseSchema).default({}).describe("Charts of one's own by name."),
  policy: policySchema.prefault({}).describe("Rules for what is in the cluster."),
  preflight: preflightSchema.prefault({}).describe("What is looked at before anything is touched."),
  rollout: rolloutSchema.prefault({}).describe("How changes reach the nodes."),
};

/** A stack's settings: validated, with every default filled in. */
export type Settings = z.output<z.ZodObject<typeof settingsShape>> & {
  /** Name of the stack that they were read from. */
  readonly stack: string;
  /** The files of `k3s.upload` as they are on this machine, by their path in the settings; undefined where nobody looked. */
  readonly measured?: MeasuredFiles | undefined;
};
export type NodeSettings = Settings["nodes"][number];
export type BastionSettings = Settings["ssh"]["bastions"][string];
export type NamespaceSettings = Settings["namespaces"][string];
/** The keys of a stack's file under `groundwork:`. */
export type SettingsKey = keyof typeof settingsShape;
