import { existsSync, readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { parse } from "yaml";

interface Kubeconfig {
  readonly "current-context"?: string;
  readonly clusters?: { name: string; cluster: Record<string, unknown> }[];
  readonly users?: { name: string; user: Record<string, unknown> }[];
  readonly contexts?: { name: string; context: { cluster: string; user: string; namespace?: string } }[];
}

interface Kind {
  /** Name of its collection in a path. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** A resource in the API's own list of a group. */
interface Listed {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** An object of the API: `apiVersion`, `kind`, `metadata` and the rest. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** An answer of the API that is not a success, in the server's own words. */
export class KubernetesError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** How long a kind may be unknown to the API: a chart's definitions take a moment to be established. */
const KIND_APPEARS_WITHIN_MS = 60_000;

/** As much of a Kubernetes client as server-side apply needs, over the kubeconfig's own TLS. */
export class KubernetesClient {
  readonly defaultNamespace: string;
  readonly #server: URL;
  readonly #agent: http.Agent;
  readonly #token: string | undefined;
  readonly #kinds = new Map<string, Kind>();

  /** @param kubeconfig its text, or the path of a file that holds it */
  constructor(kubeconfig: string, contextName?: string) {
    const config = parse(existsSync(kubeconfig) ? readFileSync(kubeconfig, "utf8") : kubeconfig) as Kubeconfig;
    const name = contextName ?? config["current-context"];
    const context = config.contexts?.find((each) => each.name === name)?.context;
    const cluster = config.clusters?.find((each) => each.name === context?.cluster)?.cluster;
    const user = config.users?.find((each) => each.name === context?.user)?.user ?? {};
    if (!context || !cluster) {
      throw new Error(`the kubeconfig has no context ${name ?? "that is current"} with a cluster`);
    }
    if ("exec" in user || "auth-provider" in user) {
      throw new Error("the lab engine does not run a kubeconfig's exec plugins");
    }
    this.defaultNamespace = context.namespace ?? "default";
    this.#server = new URL(String(cluster["server"]));
    this.#token = (user["token"] as string | undefined) ?? textOf(user, "tokenFile", undefined)?.trim();
    const isPlain = this.#server.protocol === "http:";
    this.#agent = isPlain ? new http.Agent({ keepAlive: true }) : tlsAgent(cluster, user);
  }

  /** Server-side apply; conflicts are decided for us, as the Pulumi provider's patchForce does. */
  async apply(object: KubernetesObject, manager: string): Promise<KubernetesObject> {
    const query = `?fieldManager=${encodeURIComponent(manager)}&force=true`;
    return this.#request("PATCH", `${await this.#path(object)}${query}`, object, "application/apply-patch+yaml");
  }

  /** The object as it is, or undefined when there is none, nor its kind. */
  async read(object: KubernetesObject): Promise<KubernetesObject | undefined> {
    return this.#unlessMissing(async () => this.#request("GET", await this.#path(object, 0)));
  }

  /** Asks for the deletion, with what the object owns; whether it is gone is for {@link read} to say. */
  async delete(object: KubernetesObject): Promise<void> {
    const options = { propagationPolicy: "Foreground" };
    await this.#unlessMissing(async () =>
      this.#request("DELETE", await this.#path(object, 0), options, "application/json"),
    );
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Whether objects of this kind live in a namespace. Waits a while for a kind that is not known yet. */
  async isNamespaced(object: KubernetesObject): Promise<boolean> {
    return (await this.#kind(object.apiVersion, object.kind, KIND_APPEARS_WITHIN_MS)).namespaced;
  }

  async #unlessMissing<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof KubernetesError && error.status === 404) return undefined;
      throw error;
    }
  }

  async #path(object: KubernetesObject, appearsWithinMs = KIND_APPEARS_WITHIN_MS): Promise<string> {
    const { plural, namespaced } = await this.#kind(object.apiVersion, object.kind, appearsWithinMs);
    const namespace = namespaced ? `/namespaces/${object.metadata.namespace ?? this.defaultNamespace}` : "";
    return `${groupPath(object.apiVersion)}${namespace}/${plural}/${object.metadata.name ?? ""}`;
  }

  async #kind(apiVersion: string, kind: string, appearsWithinMs: number): Promise<Kind> {
    const key = `${apiVersion}/${kind}`;
    const known = this.#kinds.get(key);
    if (known) return known;
    const group = () => this.#request<{ resources?: Listed[] }>("GET", groupPath(apiVersion));
    for (const begun = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 500))) {
      const resources = (await this.#unlessMissing(group))?.resources ?? [];
      const found = resources.find((each) => each.kind === kind && !each.name.includes("/"));
      if (found) {
        const result = { plural: found.name, namespaced: found.namespaced };
        this.#kinds.set(key, result);
        return result;
      }
      if (Date.now() - begun >= appearsWithinMs) {
        throw new KubernetesError(404, `no matches for kind "${kind}" in version "${apiVersion}"`);
      }
    }
  }

  #request<T = KubernetesObject>(method: string, path: string, body?: unknown, contentType?: string): Promise<T> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      accept: "application/json",
      ...(contentType !== undefined && { "content-type": contentType }),
      ...(text !== undefined && { "content-length": Buffer.byteLength(text) }),
      ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
    };
    const url = new URL(this.#server.pathname.replace(/\/$/, "") + path, this.#server);
    return new Promise((resolve, reject) => {
      const send = url.protocol === "http:" ? http.request : https.request;
      const sent = send(url, { method, headers, agent: this.#agent, timeout: 60_000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const answer = Buffer.concat(chunks).toString("utf8");
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(JSON.parse(answer) as T);
          else reject(new KubernetesError(status, messageOf(answer) ?? `${method} ${path}: HTTP ${status}`));
        });
      });
      sent.on("timeout", () => sent.destroy(new Error(`${this.#server.host} does not answer`)));
      sent.on("error", reject);
      sent.end(text);
    });
  }
}

function tlsAgent(cluster: Record<string, unknown>, user: Record<string, unknown>): https.Agent {
  return new https.Agent({
    keepAlive: true,
    ca: textOf(cluster, "certificate-authority", "certificate-authority-data"),
    cert: textOf(user, "client-certificate", "client-certificate-data"),
    key: textOf(user, "client-key", "client-key-data"),
    rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
    servername: cluster["tls-server-name"] as string | undefined,
  });
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function messageOf(answer: string): string | undefined {
  try {
    return (JSON.parse(answer) as { message?: string }).message;
  } catch {
    return undefined;
  }
}

function textOf(from: Record<string, unknown>, file: string, data: string | undefined): string | undefined {
  const inline = data === undefined ? undefined : from[data];
  if (typeof inline === "string") return Buffer.from(inline, "base64").toString("utf8");
  const path = from[file];
  return typeof path === "string" ? readFileSync(path, "utf8") : undefined;
}
