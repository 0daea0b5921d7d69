import { request as send } from "node:https";
import { parse } from "yaml";
import { GroundworkError } from "../../config/groundworkError";

/** A cluster and a user of a kubeconfig, in its own words. */
export interface Access {
  readonly cluster: Readonly<Record<string, unknown>>;
  readonly user: Readonly<Record<string, unknown>>;
}

interface Entry {
  readonly name: string;
}

interface Kubeconfig {
  readonly "current-context"?: string;
  readonly clusters?: readonly (Entry & { readonly cluster: Access["cluster"] })[];
  readonly users?: readonly (Entry & { readonly user?: Access["user"] })[];
  readonly contexts?: readonly (Entry & { readonly context: { readonly cluster: string; readonly user: string } })[];
}

/** What a kubeconfig's current context leads to. @throws GroundworkError where it leads nowhere. */
export function currentAccess(kubeconfig: string): Access {
  const config = parse(kubeconfig) as Kubeconfig | null;
  const context = config?.contexts?.find(({ name }) => name === config["current-context"])?.context;
  const cluster = config?.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config?.users?.find(({ name }) => name === context?.user)?.user;
  if (cluster === undefined || user === undefined) {
    throw new GroundworkError("failed", "the stack's kubeconfig has no current context with a cluster and a user");
  }
  return { cluster, user };
}

const TIMEOUT_MS = 20_000;

/**
 * Sends an object to the API and gives its answer.
 *
 * @throws GroundworkError with the API's own words, or where its kubeconfig asks for what cannot be done here.
 */
export async function post(access: Access, path: string, object: unknown): Promise<unknown> {
  const { cluster, user } = access;
  const server = new URL(String(cluster["server"]));
  const body = JSON.stringify(object);
  const bytes = (name: string, from: Access["cluster"]): Buffer | undefined => {
    const data = from[`${name}-data`];
    return typeof data === "string" ? Buffer.from(data, "base64") : undefined;
  };
  const certificate = bytes("client-certificate", user);
  const token = user["token"];
  if (certificate === undefined && typeof token !== "string") {
    throw new GroundworkError("failed", "the stack's kubeconfig has neither a certificate nor a token in it", {
      remedy: "set one that has: kubectl config view --minify --flatten; a plugin or a file is not read here",
    });
  }
  const tls = {
    ca: bytes("certificate-authority", cluster),
    cert: certificate,
    key: bytes("client-key", user),
    servername: cluster["tls-server-name"] as string | undefined,
    rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
  };
  const headers = {
    accept: "application/json",
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...(typeof token === "string" ? { authorization: `Bearer ${token}` } : {}),
  };
  const url = new URL(server.pathname.replace(/\/$/, "") + path, server);
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = send(
      url,
      { method: "POST", headers, timeout: TIMEOUT_MS, agent: false, ...defined(tls) },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
        });
      },
    );
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${String(TIMEOUT_MS / 1000)} s`)));
    sent.on("error", reject);
    sent.end(body);
  }).catch((error: unknown) => {
    throw new GroundworkError(
      "failed",
      `the API at ${server.host}: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  const answer = parsed(text);
  if (status >= 200 && status < 300 && answer !== undefined) return answer;
  const said = (answer as { message?: unknown } | undefined)?.message;
  throw new GroundworkError(
    "failed",
    `the API at ${server.host}: ${typeof said === "string" ? said : `HTTP ${String(status)}`}`,
  );
}

function defined<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
