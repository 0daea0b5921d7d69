import { z } from "zod";
import { secret } from "./scalars";

/** A path that stands in lists of words and in shell scripts. */
const filePath = z
  .string()
  .regex(
    /^\/[A-Za-z0-9._/@+-]+$/,
    "is not a path that can be used; write it from the root on, of letters, digits and . _ - @ +, e.g. /etc/rancher/k3s/audit.yaml",
  );

/** A name that is a file's and, for k3s, an Addon's. */
const manifestName = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "is not the name of a manifest; write lower-case letters, digits and '-', without .yaml, e.g. kube-vip",
  );

const givenFile = z.strictObject({
  content: z.string().optional().describe("The text. One of content and secretContent is written."),
  secretContent: secret
    .optional()
    .describe("The text, where it is a secret: it is in no preview, state or log in plain text."),
  mode: z
    .string()
    .regex(/^[0-7]{3}$/, 'is not a file\'s mode; write three octal digits in quotes, e.g. "644"')
    .default("600")
    .describe("The file's mode; its owner is root."),
  role: z.enum(["server", "agent"]).optional().describe("Nodes of which role get it. Default: all."),
  restart: z
    .boolean()
    .default(true)
    .describe(
      "Whether k3s has to restart for a change, after a drain, as for any of its settings. false: for what is read again by itself; k3s reads it at its next start at the latest.",
    ),
});

/** `groundwork:k3s.files` and `nodes[].files`: files on the hosts, by path. */
export const givenFiles = z.record(filePath, givenFile);

/** `groundwork:k3s.manifests` */
export const manifests = z.record(manifestName, z.string());

/** `groundwork:k3s.secretManifests` */
export const secretManifests = z.record(manifestName, secret);

/** The name of a variable as k3s and containerd read it. */
const variable = z
  .string()
  .regex(/^[A-Z_][A-Z0-9_]*$/, "is not the name of a variable; write it in capitals, e.g. HTTPS_PROXY");

/** `groundwork:k3s.environment` */
export const environment = z.record(variable, z.string());

/** `groundwork:k3s.secretEnvironment` */
export const secretEnvironment = z.record(variable, secret);
