import { isIP } from "node:net";
import { z } from "zod";
import { Secret } from "../secret";

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/i;

/** A name that Kubernetes accepts for a namespace, an issuer or a StorageClass (RFC 1123 label). */
export const dnsLabel = z
  .string()
  .regex(DNS_LABEL, "is not a DNS label; write lower-case letters, digits and '-', at most 63, e.g. web-1");

/** A DNS name of one or more labels. */
export const dnsName = z.string().max(253).regex(DNS_NAME, "is not a DNS name; write one like k3s.example.org");

/** The name of a Kubernetes node (RFC 1123 subdomain, in lower case). */
export const nodeName = dnsName.refine(
  (name) => name === name.toLowerCase(),
  "is not in lower case, as Kubernetes wants it; write it in lower case",
);

/** An IPv4 or IPv6 address. */
export const ipAddress = z
  .string()
  .refine((text) => isIP(text) !== 0, { error: "is not an IP address; write one like 10.0.0.11", abort: true });

/** An address that SSH can dial: an IP address or a DNS name. */
export const hostAddress = z
  .string()
  .refine(
    (text) => isIP(text) !== 0 || DNS_NAME.test(text),
    "is neither an IP address nor a DNS name; write one like 10.0.0.11 or s1.example.org",
  );

/** Takes `k3s.example.org`, `10.0.0.1:443`, `::1` or `[::1]:443` apart; undefined when the port is none. */
export function hostAndPort(text: string): { host: string; port: number | undefined } | undefined {
  if (isIP(text) === 6) return { host: text, port: undefined };
  const match = /^(?:\[(?<six>[^\]]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d{1,5}))?$/.exec(text);
  const { six, name, port } = match?.groups ?? {};
  const host = six ?? name ?? "";
  if (host === "" || (six !== undefined && isIP(six) !== 6)) return undefined;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) return undefined;
  return { host, port: port === undefined ? undefined : Number(port) };
}

/** Where an API is reached: an IP address or a DNS name, with a port where it is not the servers' own. */
export const apiEndpoint = z.string().refine((text) => {
  const host = hostAndPort(text)?.host ?? "";
  return isIP(host) !== 0 || DNS_NAME.test(host);
}, "is neither an address nor a name, with or without a port; write one like 10.0.0.10, k3s.example.org:443 or [fd00::10]:443");

/** A block of addresses: 10.42.0.0/16, fd00::/56. */
const cidr = z.union([z.cidrv4(), z.cidrv6()]);

/** One address, or a list with one of each family; the first is the primary one. */
export const ipAddresses = oneOrTwo(
  ipAddress,
  "is neither an IP address nor a list of two; write one like 10.0.0.11, or one of each family like [10.0.0.11, fd00::11]",
);

/** One block of addresses, or a list with one of each family; the first is the primary one. */
export const cidrs = oneOrTwo(
  cidr,
  "is neither a block of addresses nor a list of two; write one like 10.42.0.0/16, or one of each family like [10.42.0.0/16, fd00:42::/56]",
);

type OneOrTwo<T extends z.ZodType<string>> = z.ZodUnion<[T, z.ZodTuple<[T], null>, z.ZodTuple<[T, T], null>]>;

function oneOrTwo<T extends z.ZodType<string>>(one: T, message: string): OneOrTwo<T> {
  return z.union([one, z.tuple([one]), z.tuple([one, one])], message);
}

/** An email address. */
export const emailAddress = z.email("is not an email address; write one like ops@k3s.example.org");

/** A TCP or UDP port. */
export const port = z.number().int().min(1).max(65535);

/** A whole number of seconds, at least 1. */
export const seconds = z.number().int().min(1);

/** The name of a network interface (IFNAMSIZ: at most 15 characters). */
export const interfaceName = z
  .string()
  .regex(
    /^[A-Za-z0-9_.@-]{1,15}$/,
    "is not the name of a network interface; write one like wg0 (at most 15 characters)",
  );

/** A secret: set with `pulumi config set --secret`, never plain text. What is read along the schema knows it by its mark. */
export const secret = z
  .custom<Secret>(
    (value) => value instanceof Secret,
    "must be a secret; set it with 'pulumi config set --secret --path'",
  )
  .meta({ secret: true });

/** Whether a setting is a secret; optional or not. */
export function isSecretSetting(schema: z.ZodType): boolean {
  return unwrap(schema).meta()?.["secret"] === true;
}

/** The type of a setting without what says that it may be left out. */
export function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
    inner = inner.unwrap() as z.ZodType;
  }
  return inner;
}

/** An absolute http(s) or file URL without a trailing slash. */
export const url = z
  .string()
  .regex(
    /^(https?|file):\/\/\S+[^/\s]$/,
    "is not a URL; write one like https://mirror.example.org/k3s, without a slash at the end",
  );

/** Where a chart comes from; every field has the add-on's own default. */
export const chartSource = z.strictObject({
  version: z
    .string()
    .optional()
    .describe("Version of the chart. Default: the version that this release of Groundwork pins."),
  repo: z
    .string()
    .optional()
    .describe("Chart repository (https://…), or an OCI registry as oci://…. Default: the project's own repository."),
  chart: z
    .string()
    .optional()
    .describe("Name of the chart in the repository, or the path of a chart on the machine that runs Pulumi (air gap)."),
  values: z.record(z.string(), z.unknown()).default({}).describe("Chart values merged over the ones Groundwork sets."),
  timeoutSeconds: seconds.default(600).describe("How long Helm waits for the release, in seconds."),
});

/** What becomes of a class's volumes. */
export const reclaimPolicy = z
  .enum(["Delete", "Retain"])
  .default("Delete")
  .describe("What becomes of a volume when its claim is deleted.");

/** Whether a class is the cluster's default one. */
export const isDefaultClass = z
  .boolean()
  .default(false)
  .describe("Whether this is the cluster's default StorageClass. At most one is.");

/** A release of k3s. */
export const k3sVersion = z
  .string()
  .regex(/^v\d+\.\d+\.\d+(-rc\d+)?\+k3s\d+$/, "is not a k3s version; write one like v1.36.4+k3s1");

/** Settings in the names of k3s's own config.yaml. */
export const k3sSettings = z.record(z.string(), z.unknown());
