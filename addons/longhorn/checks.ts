import { error, listed, warning } from "../../config/checks/check";
import { pathText } from "../../config/problem";
import { quantityOf } from "../../config/quantity";
import { setSecretCommand } from "../../config/schema/secretPaths";
import type { AddonCheck } from "../addon";
import { workers } from "../workers";
import { valueAt } from "../chartValues";
import { DISKS_ANNOTATION, DISKS_LABEL, TAGS_ANNOTATION } from "./nodeMarks";
import { keeps } from "./objects";

/** Longhorn can place every copy on a node of its own. */
const longhornReplicas: AddonCheck = (settings) => {
  const replicas = settings.storage.longhorn?.replicas;
  const names = workers(settings.nodes).map((node) => node.name);
  if (replicas === undefined || replicas <= names.length) return [];
  const place = names.length === 1 ? "one node takes" : `${names.length} nodes take`;
  return [
    warning(
      "storage.longhorn.replicas",
      `${replicas} copies of each volume are wanted, but only ${place} pods (${listed(names)}), so volumes stay degraded`,
      `write at most ${Math.max(1, names.length)}`,
    ),
  ];
};

/** What Longhorn reads of the Secret, by the kind of its target; the first ones it cannot do without. */
const CREDENTIALS: Readonly<Record<string, { readonly needed: readonly string[]; readonly more: readonly string[] }>> =
  {
    s3: {
      needed: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
      more: [
        "AWS_ENDPOINTS",
        "AWS_CERT",
        "AWS_IAM_ROLE_ARN",
        "VIRTUAL_HOSTED_STYLE",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
      ],
    },
    cifs: { needed: [], more: ["CIFS_USERNAME", "CIFS_PASSWORD"] },
    azblob: {
      needed: ["AZBLOB_ACCOUNT_NAME", "AZBLOB_ACCOUNT_KEY"],
      more: ["AZBLOB_ENDPOINT", "AZBLOB_CERT", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"],
    },
    nfs: { needed: [], more: [] },
  };

const PATH = ["storage", "longhorn", "backupCredentials"];

/** Longhorn finds the credentials wrong at the first backup only, and says so in its own page only. */
const backupCredentials: AddonCheck = ({ storage: { longhorn } }, { missingSecrets }) => {
  const given = Object.keys(longhorn?.backupCredentials ?? {});
  const target = longhorn?.backupTarget;
  if (target === undefined) {
    if (given.length === 0) return [];
    return [error(pathText(PATH), "is for a backupTarget, and there is none", "write backupTarget, or take it out")];
  }
  const ownSecret = valueAt(longhorn?.values ?? {}, ["defaultBackupStore", "backupTargetCredentialSecret"]);
  if (ownSecret !== undefined && ownSecret !== "") {
    if (given.length === 0) return [];
    return [
      error(
        "storage.longhorn.values.defaultBackupStore.backupTargetCredentialSecret",
        "names another Secret than the one that backupCredentials becomes",
        "take one of the two out",
      ),
    ];
  }
  const kind = /^\w+/.exec(target)?.[0] ?? "";
  const { needed, more } = CREDENTIALS[kind] ?? { needed: [], more: [] };
  const known = [...needed, ...more];
  const lacking = given.includes("AWS_IAM_ROLE_ARN") ? [] : needed.filter((key) => !given.includes(key));
  return [
    ...given
      .filter((key) => !known.includes(key))
      .map((key) =>
        error(
          pathText([...PATH, key]),
          `Longhorn reads nothing of that name for a target of ${kind}://`,
          known.length === 0 ? "take it out" : `write one of ${listed(known)}`,
        ),
      ),
    ...lacking.map((key) => ({
      severity: missingSecrets,
      path: pathText([...PATH, key]),
      problem: `is not set, and a target of ${kind}:// needs it`,
      remedy: `set it with: ${setSecretCommand([...PATH, key])}`,
    })),
  ];
};

/** A job can do what it is for. */
const recurringJobs: AddonCheck = ({ storage: { longhorn } }) =>
  Object.entries(longhorn?.recurringJobs ?? {}).flatMap(([name, job]) => {
    const path = ["storage", "longhorn", "recurringJobs", name];
    return [
      ...(job.task === "backup" && longhorn?.backupTarget === undefined
        ? [
            error(
              pathText([...path, "task"]),
              "is backup, and there is no backupTarget",
              "write one, or task: snapshot",
            ),
          ]
        : []),
      ...(job.retain !== undefined && !keeps(job)
        ? [error(pathText([...path, "retain"]), `${job.task} makes nothing that is kept`, "take it out")]
        : []),
    ];
  });

/** Longhorn takes no disk twice, and its marks are written in one place. */
const nodeDisks: AddonCheck = ({ storage, nodes }) =>
  nodes.flatMap((node, index) => {
    const at = (...path: (string | number)[]): string => pathText(["nodes", index, ...path]);
    const { longhorn } = node;
    if (longhorn === undefined) return [];
    if (storage.longhorn === undefined) {
      return [
        error(at("longhorn"), "is for Longhorn, and the stack has none", "write storage.longhorn, or take it out"),
      ];
    }
    const paths = longhorn.disks.map(({ path }) => path.replace(/\/+$/, ""));
    const own = [
      ...Object.keys(node.labels).map((key) => ["labels", key]),
      ...Object.keys(node.annotations).map((key) => ["annotations", key]),
    ];
    return [
      ...paths.flatMap((path, place) =>
        paths.indexOf(path) === place
          ? []
          : [error(at("longhorn", "disks", place, "path"), `${path} is there already`, "write each disk once")],
      ),
      ...longhorn.disks.flatMap(({ reserved }, place) =>
        reserved === undefined || (quantityOf(reserved) ?? -1) >= 0
          ? []
          : [
              error(
                at("longhorn", "disks", place, "reserved"),
                `"${reserved}" is not a quantity`,
                "write one like 20Gi",
              ),
            ],
      ),
      ...own
        .filter(([, key = ""]) => [DISKS_LABEL, DISKS_ANNOTATION, TAGS_ANNOTATION].includes(key))
        .map((path) => error(at(...path), `is what nodes[].longhorn becomes`, "take one of the two out")),
    ];
  });

export const longhornChecks: readonly AddonCheck[] = [longhornReplicas, backupCredentials, recurringJobs, nodeDisks];
