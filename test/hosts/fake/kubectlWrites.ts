import { parse } from "yaml";
import type { Answer } from "../sandbox/gateway";
import { bad, find, notFound, ok, select, unauthorized, Unknown, type Call, type CallContext } from "./call";
import type { Cluster, KubeObject } from "./cluster";

export async function drain(cluster: Cluster, { words, flags }: Call, context: CallContext): Promise<Answer> {
  const node = cluster.node(words[0]!);
  if (node === undefined) return notFound("node", words[0]!);
  const isDry = flags.get("--dry-run") === "client";
  if (!isDry) {
    node.spec.unschedulable = true;
    cluster.put(node);
  }
  const pods = select(
    cluster,
    "pod",
    new Map([
      ["--all-namespaces", "true"],
      ["--field-selector", `spec.nodeName=${words[0]!}`],
    ]),
  );
  if (isDry) {
    const named = pods.map((pod) => `evicting pod ${pod!.metadata.namespace ?? ""}/${pod!.metadata.name} (dry run)`);
    return ok([`node/${words[0]!} cordoned (dry run)`, ...named, `node/${words[0]!} drained (dry run)`].join("\n"));
  }
  if (context.drainBlocked && pods.length > 0) {
    await context.wait(Number.parseInt(flags.get("--timeout") ?? "0", 10));
    return bad(
      `error when evicting pods/"web" -n "default" (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.`,
    );
  }
  for (const pod of pods) cluster.remove(pod!);
  return ok(
    [...pods.map((pod) => `pod/${pod!.metadata.name} evicted`), `node/${words[0]!} ${context.drainedWord}`].join("\n"),
  );
}

export function write(cluster: Cluster, { verb, flags, input }: Call, context: CallContext): Answer {
  const file = flags.get("--filename");
  const text = file === "-" ? input : (context.readFile(file ?? "") ?? "");
  const given = parse(text) as KubeObject | null;
  if (given === null) return bad(`error: no objects passed to ${verb}`);
  const kind = given.kind.toLowerCase();
  const { name, namespace } = given.metadata;
  const before = find(cluster, kind, namespace ?? flags.get("--namespace"), name);
  if (verb === "create" && before !== undefined) {
    return bad(`Error from server (AlreadyExists): error when creating "STDIN": ${kind}s "${name}" already exists`);
  }
  if (verb === "replace") {
    if (before === undefined) return notFound(kind, name);
    const wanted: unknown = given.metadata.resourceVersion;
    // As the real one says of a number that YAML made of a version without quotes.
    if (typeof wanted === "number") {
      return bad(
        "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.resourceVersion of type string",
      );
    }
    if (wanted !== undefined && wanted !== before.metadata.resourceVersion) {
      return bad(
        `Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on ${kind}s "${name}": the object has been modified`,
      );
    }
  }
  const made = cluster.put({
    ...given,
    kind,
    metadata: { ...given.metadata, labels: given.metadata.labels ?? {}, annotations: given.metadata.annotations ?? {} },
  });
  if (kind === "job") context.jobMade(made);
  return ok(`${kind}/${name} ${verb}d`);
}

/** `PUT /v1-k3s/token`, the one path that anything is put to. */
export function raw(_cluster: Cluster, { verb, flags }: Call, context: CallContext): Answer {
  if (verb !== "replace" || flags.get("--raw") !== "/v1-k3s/token") {
    throw new Unknown(`kubectl ${verb} --raw ${flags.get("--raw") ?? ""}`);
  }
  const { users } = parse(context.readFile(flags.get("--kubeconfig") ?? "") ?? "") as {
    users: { user: { username?: string; password?: string } }[];
  };
  const { username, password } = users[0]!.user;
  if (username !== "server" || password === undefined) return unauthorized;
  const body = JSON.parse(context.readFile(flags.get("--filename") ?? "") ?? "{}") as { newToken?: string };
  return context.putToken(password, body.newToken ?? "");
}
