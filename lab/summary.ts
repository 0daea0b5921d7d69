import { run } from "../process/run";
import type { LabPaths } from "./paths";

/** What is shown of a cluster, each by one question to its API; the columns are kubectl's. */
const QUESTIONS: readonly (readonly [title: string, command: string])[] = [
  ["Nodes", "ask get nodes -o wide"],
  [
    "Releases",
    `ask get secrets -A -l owner=helm,status=deployed -o ${columns({
      NAMESPACE: ".metadata.namespace",
      RELEASE: ".metadata.labels.name",
      REVISION: ".metadata.labels.version",
      STATUS: ".metadata.labels.status",
    })}`,
  ],
  // Without cert-manager there is no such resource to ask for.
  [
    "Issuers",
    '[ -z "$(ask get crd clusterissuers.cert-manager.io --ignore-not-found -o name)" ] || ask get clusterissuers',
  ],
  [
    "Certificates",
    `[ -z "$(ask get crd certificates.cert-manager.io --ignore-not-found -o name)" ] || ask get certificates -A -o '${columns(
      {
        NAMESPACE: ".metadata.namespace",
        CERTIFICATE: ".metadata.name",
        ISSUER: ".spec.issuerRef.name",
        ISSUED: '.status.conditions[?(@.type=="Ready")].status',
        UNTIL: ".status.notAfter",
        RENEWED: ".status.renewalTime",
      },
    )}'`,
  ],
];

/** kubectl's columns of one's own. */
function columns(paths: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(paths).map(([title, path]) => `${title}:${path}`);
  return `custom-columns=${pairs.join(",")}`;
}

/** Stands between the answers. */
const MARK = "==== groundwork ====";

/** Asks all of it at once, in one connection: a connection and a kubectl cost half a second each. */
const SCRIPT = [
  'ask() { k3s kubectl --request-timeout=20s "$@"; }',
  "answers=$(mktemp -d)",
  ...QUESTIONS.map(([, command], index) => `{ ${command}; } >"$answers/${index}" 2>&1 &`),
  "wait",
  ...QUESTIONS.map((_, index) => `cat "$answers/${index}"; echo '${MARK}'`),
  'rm -rf "$answers"',
  "",
].join("\n");

/** Nodes, releases, issuers and certificates as the cluster's API tells them, asked on the first server: lines for a person. */
export async function clusterSummary(paths: LabPaths): Promise<string[]> {
  const answer = await run("ssh", ["-F", paths.sshConfig, "-o", "BatchMode=yes", "server-1", "sudo -n sh -s"], {
    input: SCRIPT,
    timeoutMs: 60_000,
  });
  if (answer.code === 0) return summaryLines(answer.stdout);
  return ["", `The cluster cannot be asked: ${answer.stderr.trim().split("\n").at(-1) ?? "no answer"}`];
}

/** The answers under their titles; what there is none of is said in a word, and not as the head of an empty table. */
export function summaryLines(text: string): string[] {
  const answers = text.split(`${MARK}\n`);
  return QUESTIONS.flatMap(([title], index) => {
    const lines = (answers[index] ?? "").split("\n").filter((line) => line.trim() !== "");
    const isEmpty =
      lines.length === 0 || (lines.length === 1 && /^(NAMESPACE|NAME)\s|^No resources found/.test(lines[0] ?? ""));
    return ["", `${title}:`, ...(isEmpty ? ["none"] : lines).map((line) => `  ${line.trimEnd()}`)];
  });
}
