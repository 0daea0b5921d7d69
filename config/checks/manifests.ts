import { parseAllDocuments } from "yaml";
import { pathText } from "../problem";
import { isGroup } from "../schema/secretPaths";
import { error, type Check, type Finding } from "./check";
import { textProblem } from "./givenFiles";

/** Manifests that k3s writes at every start, over any other of the name (k3s-io/k3s manifests/). */
const PACKAGED = ["ccm", "coredns", "local-storage", "metrics-server", "rolebindings", "runtimes", "traefik"];

/** k3s applies a manifest whole, or not at all and with a line in its log only. */
export const manifests: Check = ({ k3s }) => {
  const plain = Object.entries(k3s.manifests).map(([name, text]) => ["manifests", name, text] as const);
  const secret = Object.entries(k3s.secretManifests).flatMap(([name, text]) =>
    text.isKnown ? [["secretManifests", name, text.reveal()] as const] : [],
  );
  return [...plain, ...secret].flatMap(([group, name, text]): Finding[] => {
    const at = pathText(["k3s", group, name]);
    const long = textProblem(at, text);
    return long === undefined ? objectProblems(at, text, group === "manifests") : [long];
  });
};

/** A name is one file. */
export const manifestNames: Check = ({ k3s }) => [
  ...Object.keys({ ...k3s.manifests, ...k3s.secretManifests })
    .filter((name) => PACKAGED.includes(name))
    .map((name) => {
      const group = Object.hasOwn(k3s.manifests, name) ? "manifests" : "secretManifests";
      return error(
        pathText(["k3s", group, name]),
        "is the name of a manifest that k3s writes itself",
        "give it another name; a packaged component is left out by k3s.disable and set by a HelmChartConfig",
      );
    }),
  ...Object.keys(k3s.secretManifests)
    .filter((name) => Object.hasOwn(k3s.manifests, name))
    .map((name) =>
      error(pathText(["k3s", "secretManifests", name]), "is in k3s.manifests too", "give each a name of its own"),
    ),
];

export const manifestsChecks: readonly Check[] = [manifests, manifestNames];

function objectProblems(at: string, text: string, isPlain: boolean): Finding[] {
  // An answer without documents has none to look at.
  const documents = [parseAllDocuments(text, { prettyErrors: false })].flat();
  return documents.flatMap((document, index): Finding[] => {
    const where = documents.length === 1 ? "" : `document ${index + 1} `;
    if (!("errors" in document)) return [];
    const [broken] = document.errors;
    // Of a secret, not even the line that is wrong is shown.
    if (broken !== undefined) {
      const reason = isPlain ? `: ${broken.message.split("\n")[0] ?? ""}` : "";
      return [
        error(at, `${where}is not valid YAML${reason}`, "look at its indentation; a manifest begins after 'name: |'"),
      ];
    }
    const object: unknown = document.toJS();
    // Only comments: k3s takes away what the manifest made before.
    if (object === null || object === undefined) return [];
    if (!isGroup(object)) {
      return [error(at, `${where}is no object of Kubernetes`, "write 'apiVersion:', 'kind:' and 'metadata:'")];
    }
    const lacks = ["apiVersion", "kind"].filter((key) => typeof object[key] !== "string");
    const { metadata } = object;
    if (object["kind"] !== "List" && !(isGroup(metadata) && typeof metadata["name"] === "string")) {
      lacks.push("metadata.name");
    }
    if (lacks.length > 0) {
      return [error(at, `${where}has no ${lacks.join(", no ")}`, "write it: k3s applies no object without")];
    }
    return isPlain && object["kind"] === "Secret" && object["apiVersion"] === "v1"
      ? [
          error(
            at,
            `${where}is a Secret in plain text`,
            "make new values, and set the manifest as a secret in k3s.secretManifests",
          ),
        ]
      : [];
  });
}
