import { request } from "node:https";
import { resourcesOf } from "../addons/resources";
import type { KubeList, KubeObject } from "./kubeObjects";
import { whoAnswers } from "./entry";
import { kubectlOf } from "./kubectl";
import { newestReleases, type ReleaseRevision } from "./releases";
import type { Site } from "./site";

/** An Ingress: the names that it serves, and where the controller says that it does. */
export interface IngressEntry {
  /** `namespace/name`. */
  readonly name: string;
  readonly hosts: readonly string[];
  /** Addresses; empty until a controller has taken it up. */
  readonly addresses: readonly string[];
}

/** What `up` made, and who answers where. */
export interface Answers {
  readonly api: {
    readonly url: string;
    /** Why it does not answer from this machine; undefined where it does. */ readonly silent: string | undefined;
  };
  /** Where the ingress controller answers, in words: of the nodes that may, those that do. */
  readonly ingress: string;
  /** Undefined where the API was not asked. */
  readonly ingresses: readonly IngressEntry[] | undefined;
  readonly releases: readonly ReleaseRevision[] | undefined;
}

/** Asks the API's own URL from this machine, and the cluster for what stands in it. Changes nothing. */
export async function answersOf(site: Site): Promise<Answers> {
  const { apiUrl, outputs, groups } = site.desired;
  const ours = resourcesOf(groups).flatMap((each) => (each.is === "release" ? [`${each.namespace}/${each.name}`] : []));
  const [silent, cluster] = await Promise.all([pingOf(apiUrl), clusterOf(site).catch(() => undefined)]);
  return {
    api: { url: apiUrl, silent },
    ingress: cluster?.entry ?? outputs.ingress,
    ingresses: cluster?.ingresses,
    releases: cluster?.releases.filter(({ namespace, name }) => ours.includes(`${namespace}/${name}`)),
  };
}

const PING_MS = 8000;

/**
 * k3s says `pong` to everybody (pkg/server/handlers), so no credential is sent, and whose certificate it shows does not matter.
 *
 * @returns why it does not answer; undefined where it does.
 */
export function pingOf(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = request(`${url}/ping`, { rejectUnauthorized: false, timeout: PING_MS }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200 ? undefined : `it answers with ${String(answer.statusCode)}`);
    });
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${String(PING_MS / 1000)} s`)));
    asked.on("error", (error: NodeJS.ErrnoException) =>
      resolve(error.message === "" ? (error.code ?? "no answer") : error.message),
    );
    asked.end();
  });
}

interface IngressObject extends KubeObject {
  readonly spec: { readonly rules?: readonly { readonly host?: string }[] };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
  };
}

interface InCluster {
  readonly ingresses: IngressEntry[];
  readonly releases: ReleaseRevision[];
  readonly entry: string | undefined;
}

async function clusterOf(site: Site): Promise<InCluster> {
  const kubectl = await kubectlOf(site);
  const [list, releases, entry] = await Promise.all([
    kubectl.json(["get", "ingresses.networking.k8s.io", "-A"]),
    newestReleases(kubectl),
    whoAnswers(kubectl, site),
  ]);
  return { ingresses: (list as KubeList<IngressObject>).items.map(entryOf), releases, entry };
}

/** What of an Ingress is shown. Pure. */
export function entryOf({ metadata, spec, status }: IngressObject): IngressEntry {
  return {
    name: `${metadata.namespace ?? ""}/${metadata.name}`,
    hosts: (spec.rules ?? []).map(({ host = "*" }) => host),
    addresses: (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []),
  };
}
