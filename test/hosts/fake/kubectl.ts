import type { Answer } from "../sandbox/gateway";
import { parse } from "yaml";
import { bad, bare, find, kindOf, notFound, ok, select, split, unauthorized, Unknown } from "./call";
import type { Call, CallContext } from "./call";
import type { Cluster, KubeObject, NodeObject, Taint } from "./cluster";
import { jsonPath, valuesAt } from "./jsonpath";
import { drain, raw, write } from "./kubectlWrites";

/** kubectl as far as scripts use it, on the fake cluster's objects. */
export async function kubectl(cluster: Cluster, call: Call, context: CallContext): Promise<Answer> {
  const { verb, words, flags } = call;
  const namespace = flags.get("--namespace");
  switch (verb) {
    case "get":
      return call.flags.get("--raw") === "/db/info" ? members(cluster, call, context) : get(cluster, call);
    case "label":
    case "annotate":
      return mark(cluster, call, context);
    case "taint":
      return taint(cluster, words);
    case "cordon":
    case "uncordon": {
      const node = cluster.node(words[0]!);
      if (node === undefined) return notFound("node", words[0]!);
      if (verb === "cordon") node.spec.unschedulable = true;
      else delete node.spec.unschedulable;
      cluster.put(node);
      return ok(`node/${words[0]!} ${verb}ed`);
    }
    case "drain":
      return drain(cluster, call, context);
    case "delete": {
      const [kind, ...names] = kindOf(words);
      const found =
        names.length > 0 ? names.map((name) => find(cluster, kind, namespace, name)) : select(cluster, kind, flags);
      const missing = found.indexOf(undefined);
      if (missing >= 0 && flags.get("--ignore-not-found") !== "true") return notFound(kind, names[missing]!);
      const gone = found.filter((object) => object !== undefined);
      for (const object of gone) cluster.remove(object);
      const isNamed = flags.get("--output") === "name";
      return ok(
        gone.map(({ metadata: { name } }) => (isNamed ? `${kind}/${name}` : `${kind} "${name}" deleted`)).join("\n"),
      );
    }
    case "create":
    case "replace":
    case "apply":
      return flags.has("--raw") ? raw(cluster, call, context) : write(cluster, call, context);
    case "logs":
      return ok("the last line of the Job's log");
    case "wait":
      await context.wait(1);
      return ok();
    default:
      throw new Unknown(`kubectl ${verb} ${words.join(" ")}`);
  }
}

function get(cluster: Cluster, { words, flags }: Call): Answer {
  const rawPath = flags.get("--raw");
  if (rawPath !== undefined) {
    const kubelet = /^\/api\/v1\/nodes\/([^/]+)\/proxy\/healthz$/.exec(rawPath)?.[1];
    if (kubelet !== undefined) {
      return isHeardOf(cluster, kubelet)
        ? bare("ok")
        : bad("Error from server (ServiceUnavailable): error trying to reach service: dial tcp: i/o timeout");
    }
    if (rawPath === "/cacerts") return bare(cluster.ca);
    return /^\/(readyz|livez|healthz|ping)/.test(rawPath)
      ? bare("ok")
      : bad(`Error from server (NotFound): ${rawPath}`);
  }
  const [kind, ...names] = kindOf(words);
  const one = names.length === 1;
  const found =
    names.length > 0
      ? names.map((name) => find(cluster, kind, flags.get("--namespace"), name))
      : select(cluster, kind, flags);
  const missing = found.indexOf(undefined);
  if (missing >= 0) return flags.get("--ignore-not-found") === "true" ? ok() : notFound(kind, names[missing]!);
  const items = found.filter((object) => object !== undefined);
  const root = one
    ? items[0]
    : { kind: "List", apiVersion: "v1", metadata: { resourceVersion: String(cluster.version) }, items };
  const output = flags.get("--output") ?? "";
  if (output.startsWith("jsonpath=")) return bare(jsonPath(output.slice("jsonpath=".length), root));
  if (output === "json") return ok(JSON.stringify(root));
  if (output === "name") return ok(items.map((object) => `${kind}/${object.metadata.name}`).join("\n"));
  if (output.startsWith("custom-columns=")) {
    const columns = output
      .slice("custom-columns=".length)
      .split(",")
      .map((column) => split(column, ":")[1]!);
    const cell = (object: KubeObject, path: string): string => valuesAt(path, object).map(String).join(",") || "<none>";
    return ok(items.map((object) => columns.map((path) => cell(object, path)).join("   ")).join("\n"));
  }
  if (output === "") return ok(items.map((object) => object.metadata.name).join("\n"));
  throw new Unknown(`kubectl get -o ${output}`);
}

/** etcd's members, for whoever has the servers' token (k3s-io/k3s pkg/etcd/etcd.go, infoHandler). */
function members(cluster: Cluster, { flags }: Call, context: CallContext): Answer {
  const { users } = parse(context.readFile(flags.get("--kubeconfig") ?? "") ?? "") as {
    users: { user: { username?: string; password?: string } }[];
  };
  const { username, password } = users[0]!.user;
  if (username !== "server" || password !== cluster.token) return unauthorized;
  const list = [...cluster.etcd].map((name, at) => ({
    ID: at + 1,
    name: `${name}-0123abc${at}`,
    peerURLs: [`https://192.0.2.${at + 1}:2380`],
  }));
  return ok(JSON.stringify({ members: list }));
}

/** Whether a node's kubelet answers the API server: it tells of itself, or is only cut off from the API. */
function isHeardOf(cluster: Cluster, name: string): boolean {
  const ready = cluster.node(name)?.status.conditions.find(({ type }) => type === "Ready")?.status;
  return cluster.cutOff.has(name) || (ready !== undefined && ready !== "Unknown");
}

function mark(cluster: Cluster, { verb, words, flags }: Call, context: CallContext): Answer {
  const [kind, ...rest] = kindOf(words);
  const isChange = (word: string): boolean => word.includes("=") || word.endsWith("-");
  const names = rest.filter((word) => !isChange(word));
  const objects =
    names.length > 0
      ? names.map((name) => find(cluster, kind, flags.get("--namespace"), name))
      : select(cluster, kind, flags);
  if (objects.includes(undefined)) return notFound(kind, names[objects.indexOf(undefined)]!);
  for (const object of objects.filter((one) => one !== undefined)) {
    const where = verb === "label" ? object.metadata.labels : object.metadata.annotations;
    for (const change of rest.filter(isChange)) {
      const [name, value] = split(change, "=");
      if (value === undefined) delete where[name.slice(0, -1)];
      else if (where[name] !== undefined && where[name] !== value && flags.get("--overwrite") !== "true") {
        return bad(`error: '${name}' already has a value (${where[name]}), and --overwrite is false`);
      } else where[name] = value;
    }
    cluster.put(object);
    if (object.metadata.annotations["etcd.k3s.cattle.io/remove"] === "true") context.removalAsked(object as NodeObject);
  }
  return ok(`${kind}/${names.join(",")} ${verb}ed`);
}

function taint(cluster: Cluster, words: readonly string[]): Answer {
  const [, name, ...changes] = kindOf(words);
  const node = cluster.node(name!);
  if (node === undefined) return notFound("node", name!);
  let taints: Taint[] = node.spec.taints ?? [];
  for (const change of changes) {
    const removes = change.endsWith("-");
    const [left, effect] = split(removes ? change.slice(0, -1) : change, ":");
    const [id, value] = split(left, "=");
    const same = (one: Taint): boolean => one.key === id && (effect === undefined || one.effect === effect);
    if (removes && !taints.some(same)) return bad(`error: taint "${change.slice(0, -1)}" not found`);
    taints = taints.filter((one) => !same(one));
    if (!removes) {
      taints.push({ key: id, ...(value === undefined || value === "" ? {} : { value }), effect: effect ?? "" });
    }
  }
  if (taints.length > 0) node.spec.taints = taints;
  else delete node.spec.taints;
  cluster.put(node);
  return ok(`node/${name!} tainted`);
}
