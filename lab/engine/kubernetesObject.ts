import { randomBytes } from "node:crypto";
import { KubernetesClient, type KubernetesObject } from "./kubernetesClient";
import { HalfMade, type Executor, type Made, type Work } from "./executor";
import { bare, isObject, UNKNOWN, type Value, type Values } from "./propertyValues";
import { isOn, replacesObject } from "./immutableFields";
import { readiness } from "./readiness";

const FIELD_MANAGER = "groundwork-lab";
const DEFAULT_TIMEOUT_SECONDS = 600;

/**
 * Objects of the Kubernetes API by server-side apply. A new one without a name gets one, as Pulumi gives it. Waited
 * for are workloads and definitions (see {@link readiness}) and the end of what is deleted; other kinds are done
 * when the API server has taken them. A `…Patch` resource owns its fields only, and gives them back on deletion.
 */
export function kubernetesObjects(): { executor: Executor; dispose: () => void } {
  const clients = new Map<string, KubernetesClient>();
  const clientOf = (work: Work): KubernetesClient => {
    const kubeconfig = work.provider?.["kubeconfig"];
    if (typeof kubeconfig !== "string") {
      throw new Error("it has no provider with a kubeconfig: the lab engine has no default cluster");
    }
    const context = work.provider?.["context"] as string | undefined;
    const key = JSON.stringify([kubeconfig, context]);
    const client = clients.get(key) ?? new KubernetesClient(kubeconfig, context);
    clients.set(key, client);
    return client;
  };

  const apply = async (work: Work, object: KubernetesObject): Promise<Made> => {
    const client = clientOf(work);
    const timeoutMs = (work.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
    const made = { id: idOf(object), outputs: recordable(await client.apply(object, managerOf(work))) };
    if (isPatch(work.type) || skipsWaiting(object)) return made;
    try {
      return { ...made, outputs: recordable(await ready(work, client, object, timeoutMs)) };
    } catch (error) {
      throw new HalfMade(made, error as Error);
    }
  };

  const executor: Executor = {
    replaces: ({ path }, before, after, provider) => {
      if (path[0] === "kind" || path[0] === "apiVersion") return groupOf(before) !== groupOf(after);
      return replacesObject(path, before, provider);
    },
    // Two objects of one name cannot live side by side.
    deletesFirst: (before, after) =>
      identity(before, "name") !== undefined &&
      ["name", "namespace"].every((field) => identity(before, field) === identity(after, field)),
    create: async (work) => {
      const client = clientOf(work);
      const object = await objectOf(work, client);
      const mayBeThere = isPatch(work.type) || isOn(work.provider, "upsertExistingObjects") || work.wasCutOff;
      if (!mayBeThere && (await client.read(object))) throw new Error(alreadyExists(object));
      return apply(work, object);
    },
    update: async (work) => (await apply(work, await objectOf(work, clientOf(work)))).outputs,
    delete: async (work) => {
      const client = clientOf(work);
      const object = recordedObject(work);
      if (isPatch(work.type)) {
        const { apiVersion, kind, metadata } = object;
        const { name, namespace } = metadata;
        const nothing = { apiVersion, kind, metadata: { name, namespace } };
        if (await client.read(object)) await client.apply(nothing, managerOf(work));
        return;
      }
      await client.delete(object);
      const until = Date.now() + (work.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
      while (await client.read(object)) {
        if (Date.now() > until) throw new Error(`${shown(object)} is still there: a finalizer holds it`);
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    },
    foresee: (inputs, old) => {
      const metadata = (bare(inputs["metadata"]) ?? {}) as Values;
      const before = (bare(old?.["metadata"]) ?? {}) as Values;
      return {
        ...old,
        ...inputs,
        metadata: { ...before, ...metadata, name: metadata["name"] ?? before["name"] ?? UNKNOWN },
      };
    },
  };
  return { executor, dispose: () => clients.forEach((client) => client.close()) };
}

/** Waits until the object is ready. @throws Error when it failed, or is not ready in time */
async function ready(
  work: Work,
  client: KubernetesClient,
  object: KubernetesObject,
  timeoutMs: number,
): Promise<KubernetesObject> {
  const until = Date.now() + timeoutMs;
  for (let said = ""; ;) {
    const live = (await client.read(object)) ?? object;
    const missing = readiness(live);
    if (missing === undefined) return live;
    if (Date.now() > until) throw new Error(`${shown(object)} is not ready after ${timeoutMs / 1000} s: ${missing}`);
    if (missing !== said) work.print(missing);
    said = missing;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function recordable(live: KubernetesObject): Values {
  const { managedFields: _, ...metadata } = live.metadata;
  return { ...live, metadata };
}

/** The object to apply, with its name and, where its kind has one, its namespace. */
async function objectOf(work: Work, client: KubernetesClient): Promise<KubernetesObject> {
  const { status: _, ...inputs } = work.inputs;
  const object = inputs as unknown as KubernetesObject;
  const { name, namespace, ...metadata } = (inputs["metadata"] ?? {}) as KubernetesObject["metadata"];
  const ownName =
    name ?? (work.old && recordedObject(work).metadata.name) ?? `${work.name}-${randomBytes(4).toString("hex")}`;
  if (!(await client.isNamespaced(object))) return { ...object, metadata: { ...metadata, name: ownName } };
  const fallback = (work.provider?.["namespace"] as string | undefined) ?? client.defaultNamespace;
  return { ...object, metadata: { ...metadata, name: ownName, namespace: namespace ?? fallback } };
}

/** As it was when it was last applied. */
function recordedObject(work: Work): KubernetesObject {
  return (work.old?.outputs ?? work.inputs) as unknown as KubernetesObject;
}

function shown({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name ?? ""}`;
}

/** As with the real provider a creation does not take over what somebody else made. */
function alreadyExists(object: KubernetesObject): string {
  const head = `${shown(object)} already exists in the cluster: take another name, change it with a Patch resource, `;
  return `${head}or set upsertExistingObjects on the provider`;
}

/** A patch has fields of its own beside those of the object's owner, and of other patches. */
function managerOf(work: Work): string {
  return isPatch(work.type) ? `${FIELD_MANAGER}-${work.name}` : FIELD_MANAGER;
}

function isPatch(type: string): boolean {
  return type.endsWith("Patch");
}

function skipsWaiting(object: KubernetesObject): boolean {
  const annotations = object.metadata["annotations"];
  return isObject(annotations) && annotations["pulumi.com/skipAwait"] === "true";
}

function idOf({ metadata }: KubernetesObject): string {
  return [metadata.namespace, metadata.name].filter((part) => part !== undefined).join("/");
}

function groupOf(inputs: Values): string {
  const [group, version] = String(inputs["apiVersion"]).split("/");
  return `${version === undefined ? "" : group}/${String(inputs["kind"])}`;
}

function identity(inputs: Values, field: string): Value {
  const metadata = bare(inputs["metadata"]);
  return isObject(metadata) ? metadata[field] : undefined;
}
