import { shellQuote } from "../../components/k3s/script";
import { GroundworkError } from "../../config/groundworkError";
import { failureOf } from "../facts";
import type { HostAnswer } from "../host";
import type { Condition, KubeList, KubeObject } from "../kubeObjects";
import type { Kubectl } from "../kubectl";
import type { Held, SilentService, Stuck } from "./model";

interface Deletable extends KubeObject {
  readonly metadata: KubeObject["metadata"] & { readonly uid: string };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** Ended by the API server itself, once nothing is left. */
const OF_THE_SERVER = ["customresourcecleanup.apiextensions.k8s.io"];

/**
 * A namespace that is being deleted, with all that is left in it of every kind. Changes nothing.
 *
 * @throws GroundworkError where there is none by this name, or it is not being deleted.
 */
export async function stuckNamespace(kubectl: Kubectl, name: string): Promise<Stuck> {
  const found = await deleted(kubectl, "namespace", name);
  const services = await silentServices(kubectl);
  const kinds = await ask(kubectl, ["api-resources", "--namespaced", "--verbs=list", "-o", "name"]);
  const resources = kinds.stdout.split("\n").filter((each) => each !== "" && !NOT_STORED.test(each));
  if (resources.length === 0) throw new GroundworkError("failed", `the API names no kinds: ${failureOf(kinds)}`);
  const list = await listed(kubectl, resources, ["-n", name]);
  // What a silent service is about is told by its own finding.
  const unknown = kinds.code === 0 || services.length > 0 ? [] : [failureOf(kinds)];
  return {
    kind: "namespace",
    name,
    ...found,
    held: list.held.map((each) => ({ ...each, namespace: name })),
    unlisted: [...unknown, ...list.unlisted],
    services,
  };
}

/** Made anew by Kubernetes as long as the namespace is there, or computed and never stored. */
const NOT_STORED = /^(events|events\.events\.k8s\.io|endpoints|bindings|pods\.metrics\.k8s\.io)$/;

/**
 * A definition that is being deleted, with all of its objects in every namespace. Changes nothing.
 *
 * @throws GroundworkError as {@link stuckNamespace}.
 */
export async function stuckDefinition(kubectl: Kubectl, name: string): Promise<Stuck> {
  const found = await deleted(kubectl, "definition", name);
  const list = await listed(kubectl, [name], ["-A"]);
  return { kind: "definition", name, ...found, ...list, services: [] };
}

const RESOURCES = { namespace: "namespaces", definition: "customresourcedefinitions.apiextensions.k8s.io" };

/** Whether it is there still, for who waits for its end. */
export async function isThere(kubectl: Kubectl, { kind, name, uid }: Stuck): Promise<boolean> {
  const found = await kubectl.text([
    "get",
    RESOURCES[kind],
    name,
    "--ignore-not-found",
    "-o",
    "jsonpath={.metadata.uid}",
  ]);
  return found === uid;
}

async function deleted(
  kubectl: Kubectl,
  kind: Stuck["kind"],
  name: string,
): Promise<Pick<Stuck, "uid" | "deletedAt" | "finalizers" | "conditions">> {
  const found = (await kubectl.json(["get", RESOURCES[kind], name, "--ignore-not-found"])) as Deletable | undefined;
  if (found === undefined) {
    throw new GroundworkError("usage", `there is no ${kind} '${name}': it is gone, or never was`);
  }
  const { uid, deletionTimestamp, finalizers = [] } = found.metadata;
  if (deletionTimestamp === undefined) {
    throw new GroundworkError("usage", `${kind} '${name}' is not being deleted, so nothing is stuck`, {
      remedy: "only what is being deleted is looked at, and touched",
    });
  }
  return {
    uid,
    deletedAt: deletionTimestamp,
    finalizers: finalizers.filter((each) => !OF_THE_SERVER.includes(each)),
    conditions: found.status?.conditions ?? [],
  };
}

interface ApiService extends KubeObject {
  readonly spec: { readonly service?: { readonly namespace: string; readonly name: string } };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

async function silentServices(kubectl: Kubectl): Promise<SilentService[]> {
  const { items } = (await kubectl.json(["get", "apiservices"])) as KubeList<ApiService>;
  return items.flatMap(({ metadata, spec: { service }, status }) => {
    const available = status?.conditions?.find(({ type }) => type === "Available");
    if (service === undefined || available?.status === "True") return [];
    const { reason = "it does not say why" } = available ?? {};
    return [{ name: metadata.name, service: `${service.namespace}/${service.name}`, reason }];
  });
}

/** Names only: what is in the objects is nobody's business, and Secrets are among them. */
const FIELDS = [
  "{.apiVersion}",
  "{.kind}",
  "{.metadata.namespace}",
  "{.metadata.name}",
  "{.metadata.uid}",
  "{.metadata.deletionTimestamp}",
  "{.metadata.finalizers}",
];
const LINES = `{range .items[*]}${FIELDS.join('{"\\t"}')}{"\\n"}{end}`;

async function listed(
  kubectl: Kubectl,
  resources: readonly string[],
  where: readonly string[],
): Promise<Pick<Stuck, "held" | "unlisted">> {
  const answer = await ask(kubectl, ["get", resources.join(","), ...where, "-o", `jsonpath=${LINES}`]);
  const unlisted = answer.stderr
    .split("\n")
    .flatMap((line) => /^(?:Error from server[^:]*|error): (.+)$/i.exec(line)?.[1] ?? []);
  // kubectl gives what it could list, and says beside it what it could not.
  if (answer.code !== 0 && unlisted.length === 0) throw new GroundworkError("failed", failureOf(answer));
  return { held: heldIn(answer.stdout, resources), unlisted };
}

/** Reads the lines that {@link listed} asks for. Pure. */
export function heldIn(text: string, resources: readonly string[]): Held[] {
  const lines = text.split("\n").filter((line) => line !== "");
  const held = lines.map((line): Held => {
    const [version = "", kind = "", namespace = "", name = "", uid = "", deletedAt = "", finalizers = ""] =
      line.split("\t");
    return {
      resource: resourceOf(version, kind, resources),
      namespace: namespace === "" ? undefined : namespace,
      name,
      uid,
      deletedAt: deletedAt === "" ? undefined : deletedAt,
      finalizers: finalizers === "" ? [] : (JSON.parse(finalizers) as string[]),
    };
  });
  // The same object under two groups (Ingress under extensions) is one.
  return [...new Map(held.map((each) => [each.uid, each])).values()];
}

/** `acme.cert-manager.io/v1` and `Challenge` → `challenges.acme.cert-manager.io`, as the API names it; otherwise the kind. */
function resourceOf(version: string, kind: string, resources: readonly string[]): string {
  const group = version.includes("/") ? (version.split("/")[0] ?? "") : "";
  const own = resources.filter((each) => each.slice(each.split(".")[0]?.length).replace(/^\./, "") === group);
  const word = kind.toLowerCase();
  const found = own.find((each) => {
    const plural = each.split(".")[0] ?? "";
    return [word, `${word}s`, `${word}es`, word.replace(/y$/, "ies")].includes(plural);
  });
  const inGroup = group === "" ? kind : `${kind}.${version.split("/")[1] ?? ""}.${group}`;
  return found ?? (own.length === 1 ? own[0] : undefined) ?? inGroup;
}

function ask({ host }: Kubectl, words: readonly string[]): Promise<HostAnswer> {
  return host.run(["k3s", "kubectl", ...words].map(shellQuote).join(" "));
}
