import { z } from "zod";
import { addons } from "../addons/all";
import { compatibilityOf } from "../addons/pinnedChart";
import { clusterWideKeys, keyAliases, reservedKeys, secretKeys } from "../config/schema/k3sKeys";
import { examples } from "./examples";
import { setSecretCommand } from "../config/schema/secretPaths";
import { isSecretSetting, unwrap } from "../config/schema/scalars";
import { settingsSchema } from "../config/read/schema";
import { secretPatterns } from "../config/read/secrets";
import { pinnedSum, versions } from "../config/versions/pins";

/** One setting as the reference shows it. */
interface Row {
  /** Path below the top-level key: `[].ssh.port`, `bastions.<name>.address`. */
  readonly path: string;
  readonly type: string;
  readonly fallback: string;
  readonly description: string;
}

/** docs/configuration.md: every setting of the schema, with type, default and what it is for. */
export function configurationReference(): string {
  const sections = Object.entries(settingsSchema.shape).flatMap(([key, schema]) => section(key, schema as z.ZodType));
  return [
    ...INTRODUCTION,
    ...SECRETS,
    "",
    "## Settings",
    "",
    ...sections,
    ...k3sKeys(),
    "",
    ...pinnedVersions(),
    "",
  ].join("\n");
}

/** The `config:` section of Pulumi.yaml: one entry a top-level key, so that `pulumi config` knows and describes them. */
export function projectConfig(): Record<string, { description: string; default: unknown }> {
  // No 'type': Pulumi would refuse what does not fit before the program can say what to write instead, and would not
  // take a key that is encrypted as a whole. A default, because Pulumi requires every key that it is told of otherwise.
  return Object.fromEntries(
    Object.entries(settingsSchema.shape).map(([key, schema]) => [
      `groundwork:${key}`,
      {
        description: (schema as z.ZodType).description ?? "",
        default: unwrap(schema as z.ZodType) instanceof z.ZodArray ? [] : {},
      },
    ]),
  );
}

const INTRODUCTION = [
  "# Configuration",
  "",
  "<!-- Written by 'npm run docs' from config/schema; a test fails when it is out of date. -->",
  "",
  "A stack's settings stand in `Pulumi.<stack>.yaml` under `config:`, one key a concern: `groundwork:nodes`,",
  "`groundwork:network` and so on. Only `groundwork:nodes` must be there. `npm run plan -- --stack <stack>` reads the file,",
  "says everything that is wrong with it at once, and shows what the stack is, without touching a machine.",
  "",
  "In the tables `[]` stands for an entry of a list and `<name>` for a name of your choice. A key that is not listed here is",
  "an error, with the nearest known key as a suggestion. YAML makes numbers and booleans of some texts: write labels,",
  'versions and the like in quotes (`"true"`, `"1.36"`) where they look like one.',
  "",
];

const SECRETS = [
  "## Secrets",
  "",
  "Secrets are encrypted in the stack's file and never written there in plain text: a secret that is found in plain text",
  "is refused. These are all of them, and how each is set:",
  "",
  "```sh",
  ...secretPatterns.map((pattern) => secretCommand(pattern)),
  "```",
  "",
  "Without a value or a file, `pulumi config set` asks for the value and does not show it. Only `ssh.privateKey` and what",
  "issuers prove names with (`tsigSecret`, the credentials that solvers name) have to be set; tokens are generated, and a",
  "certificate authority is made in the cluster. The offline plan needs none of them: it shows `[secret]`, and a secret that is not set yet as a warning.",
];

function secretCommand(pattern: readonly string[]): string {
  return setSecretCommand(pattern.map((step) => (step === "*" ? "NAME" : step)));
}

/** Which of k3s's own settings cannot be given, and what to use. */
function k3sKeys(): string[] {
  return [
    "## k3s's own settings",
    "",
    "`k3s.server`, `k3s.agent` and `nodes[].k3s` take any setting of k3s's `config.yaml` ([server](https://docs.k3s.io/cli/server),",
    "[agent](https://docs.k3s.io/cli/agent)) but these, which Groundwork writes itself or which would show a secret:",
    "",
    "| k3s's key | instead |",
    "| --- | --- |",
    ...Object.entries({ ...reservedKeys, ...secretKeys }).map(([key, instead]) => `| \`${key}\` | ${cell(instead)} |`),
    "",
    `The other names that k3s has for some of them count as the same: ${aliases()}.`,
    "",
    `Under \`k3s.server\` only, because all servers must agree: ${clusterWideKeys.map((key) => `\`${key}\``).join(", ")}.`,
  ];
}

function aliases(): string {
  return Object.entries(keyAliases)
    .map(([other, key]) => `\`${other}\` (${key})`)
    .join(", ");
}

/** The sums that the nodes check the pinned k3s against. */
function pinnedSums(): string[] {
  const sums = (["amd64", "arm64"] as const).map((arch) => {
    const sum = pinnedSum(versions.k3s, arch);
    return `- ${arch}: ${sum === undefined ? "none is known here; the release's own checksum file decides" : `\`${sum}\``}`;
  });
  return [
    "### Checksums of k3s",
    "",
    `The binary of ${versions.k3s} must have this SHA-256 sum, unless \`k3s.sha256\` says another or the mirror is a \`file://\``,
    "directory:",
    "",
    ...sums,
    "",
    "They stand in `config/versions/k3sSums.ts` with where they are from. `npx groundwork versions --update` fetches those of the pinned",
    "k3s from its release and writes them there; run it on a machine with internet after the version was changed. For other",
    "versions the mirror's own `sha256sum-<arch>.txt` decides, which shows a broken download and not a mirror that lies: set",
    "`k3s.sha256`. With an `http://` mirror it must be set.",
  ];
}

/** The pins, and what their projects say about Kubernetes. */
function pinnedVersions(): string[] {
  const pins = addons.flatMap(({ chart }) => chart ?? []);
  return [
    "## Versions",
    "",
    `k3s is pinned to \`${versions.k3s}\`. The charts, and the Kubernetes releases that their projects name:`,
    "",
    "| chart | pinned | needs Kubernetes | tested with |",
    "| --- | --- | --- | --- |",
    ...pins.map((pin) => {
      const { chart, version } = pin;
      const known = compatibilityOf(pin, version);
      return `| ${chart} | \`${version}\` | ${known?.needs ?? ""} | ${known?.tested?.join(" to ") ?? ""} |`;
    }),
    "",
    "An older Kubernetes than a chart needs is an error, one that it was not tested with a warning; nothing is claimed of a",
    "version that its project says nothing of. The lowest k3s is v1.25.16, v1.26.11, v1.27.8 or v1.28.4: older servers do not",
    "say when etcd counts them as voters.",
    "",
    ...pinnedSums(),
  ];
}

function section(key: string, schema: z.ZodType): string[] {
  const rows = rowsOf(unwrap(schema), "");
  if (rows.length === 0) return [];
  const example = examples[key as keyof typeof examples].trim();
  return [
    `### groundwork:${key}`,
    "",
    schema.description ?? "",
    "",
    "```yaml",
    `groundwork:${key}:`,
    example.replaceAll(/^(?=.)/gm, "  "),
    "```",
    "",
    "| key | type | default | what it is for |",
    "| --- | --- | --- | --- |",
    ...rows.map(
      (row) =>
        `| ${[`\`${row.path.replace(/^\./, "")}\``, row.type, row.fallback, row.description].map(cell).join(" | ")} |`,
    ),
    "",
  ];
}

function rowsOf(schema: z.ZodType, path: string): Row[] {
  if (schema instanceof z.ZodArray) return rowsOf(unwrap(schema.element as z.ZodType), `${path}[]`);
  if (schema instanceof z.ZodRecord) return rowsOf(unwrap(schema.valueType as z.ZodType), `${path}.<name>`);
  if (schema instanceof z.ZodDiscriminatedUnion) {
    return (schema.options as readonly z.ZodObject[]).flatMap((option) => {
      const tag = option.shape[schema.def.discriminator] as z.ZodLiteral;
      const only = `${schema.def.discriminator}: ${[...tag.values].join(", ")}`;
      return rowsOf(option, path).map((row) =>
        row.path === `${path}.${schema.def.discriminator}`
          ? { ...row, type: `\`${[...tag.values].join(", ")}\`` }
          : { ...row, description: `(${only}) ${row.description}` },
      );
    });
  }
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).flatMap(([key, field]) => fieldRows(`${path}.${key}`, field as z.ZodType));
}

function fieldRows(path: string, field: z.ZodType): Row[] {
  const inner = unwrap(field);
  const description = field.description ?? inner.description ?? "";
  const [, text = "", said] = /^(.*?)(?: ?Default: (.*?)\.)?$/s.exec(description) ?? [];
  const row = { path, type: typeOf(inner), fallback: said ?? fallbackOf(field), description: text };
  return [row, ...rowsOf(inner, path)];
}

function fallbackOf(field: z.ZodType): string {
  if (field instanceof z.ZodOptional) return "";
  if (!field.safeParse(undefined).success) return "**required**";
  const value: unknown = field.safeParse(undefined).data;
  return typeof value === "object" ? "" : `\`${JSON.stringify(value).replaceAll('"', "")}\``;
}

function typeOf(schema: z.ZodType): string {
  if (isSecretSetting(schema)) return "secret";
  if (schema instanceof z.ZodEnum) return schema.options.map((option) => `\`${option}\``).join(", ");
  if (schema instanceof z.ZodLiteral) return [...schema.values].map((value) => `\`${String(value)}\``).join(", ");
  if (schema instanceof z.ZodBoolean) return "true or false";
  if (schema instanceof z.ZodNumber) return numberType(schema);
  if (schema instanceof z.ZodArray) return `list of ${plural(typeOf(unwrap(schema.element as z.ZodType)))}`;
  if (schema instanceof z.ZodTuple) {
    return `list of ${plural(typeOf((schema.def.items as z.ZodType[])[0] ?? z.unknown()))}`;
  }
  if (schema instanceof z.ZodRecord) return `${plural(typeOf(unwrap(schema.valueType as z.ZodType)))} by name`;
  if (schema instanceof z.ZodObject || schema instanceof z.ZodDiscriminatedUnion) return "group";
  if (schema instanceof z.ZodUnion) {
    const types = (schema.options as readonly z.ZodType[]).map((option) => typeOf(option));
    return [...new Set(types)].join(" or ");
  }
  if (schema instanceof z.ZodUnknown) return "anything";
  return "text";
}

function numberType(schema: z.ZodNumber): string {
  const { minValue, maxValue } = schema;
  if (maxValue !== null && maxValue < Number.MAX_SAFE_INTEGER) return `number, ${minValue}–${maxValue}`;
  return minValue === null || minValue <= Number.MIN_SAFE_INTEGER ? "number" : `number, at least ${minValue}`;
}

function plural(type: string): string {
  if (type === "group") return "groups";
  return type === "text" ? "texts" : type;
}

function cell(text: string): string {
  const marked = text.replaceAll("|", "\\|").replaceAll("\n", " ");
  // Outside of code a '<base>' would be taken for HTML.
  return marked.replaceAll(/(`[^`]*`)|</g, (all: string, code: string | undefined) =>
    code === undefined ? "&lt;" : all,
  );
}
