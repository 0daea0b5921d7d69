import { z } from "zod";
import { dnsLabel, seconds, secret } from "./scalars";

/** One entry of `groundwork:releases`. */
export const releaseSchema = z.strictObject({
  chart: z
    .string()
    .min(1)
    .describe(
      "Name of the chart in `repo`, an OCI reference (oci://registry.example.org/charts/app), or the path of a chart on the machine that runs Pulumi.",
    ),
  repo: z
    .string()
    .regex(/^(https?|oci):\/\/\S+$/, "is no chart repository; write its URL, e.g. https://charts.example.org")
    .optional()
    .describe("Chart repository (https://…), or an OCI registry (oci://…) with the charts below it."),
  version: z
    .string()
    .regex(
      /^v?\d+\.\d+\.\d+\S*$/,
      "is not one version; write a whole one like 1.2.3, for a range would change by itself",
    )
    .optional()
    .describe("Version of the chart. A chart on disk has the version that it has."),
  namespace: dnsLabel
    .optional()
    .describe("Namespace of the release: one of `namespaces`, or Kubernetes's own. Default: the release's name."),
  values: z.record(z.string(), z.unknown()).default({}).describe("Values of the chart."),
  secretValues: z
    .record(z.string(), secret)
    .default({})
    .describe(
      "Values that are secrets, each by its path as `helm --set` writes it: `auth.password`, a dot within a name as `\\.`.",
    ),
  after: z
    .array(dnsLabel)
    .default([])
    .describe(
      "Other releases that are there before it. All add-ons, issuers and certificates of the stack always are.",
    ),
  wait: z.boolean().default(true).describe("Wait until all that it makes is ready."),
  atomic: z.boolean().default(true).describe("Take a failed installation or upgrade back."),
  timeoutSeconds: seconds.default(600).describe("How long Helm waits for the release and for each hook, in seconds."),
  protect: z
    .boolean()
    .default(false)
    .describe("Refuse to delete it in an ordinary `up`: for what keeps data. cluster.protect does not count for it."),
});
