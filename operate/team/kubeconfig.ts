import { stringify } from "yaml";
import { GroundworkError } from "../../config/groundworkError";
import { originOf } from "../../config/origin";
import type { Settings } from "../../config/settings";
import { freshKubeconfig, kubeconfigOfStack } from "../kubeconfig";
import { kubectlOf } from "../kubectl";
import { openSettings, type StackOnDisk } from "../openStack";
import { withSite } from "../site";
import type { Environment } from "../../process/run";
import { currentAccess, post, type Access } from "./api";
import { accountOf, type TeamAccount, type TeamRequest } from "./request";

/** A team's kubeconfig, and when its token ends. */
export interface TeamKubeconfig {
  readonly text: string;
  /** Name of its context. */
  readonly name: string;
  readonly namespace: string;
  /** As the API says it, which may give less than it was asked for. */
  readonly ends: Date;
}

/**
 * Has the API make a token for a team's service account (TokenRequest), and puts it into a kubeconfig whose namespace is the
 * team's. A stack with machines is asked over SSH, on a server; any other at its API.
 */
export async function teamKubeconfig(
  file: StackOnDisk,
  env: Environment,
  request: TeamRequest,
): Promise<TeamKubeconfig> {
  const settings = await openSettings(file, env);
  const account = accountOf(settings, request);
  const { cluster, answer } =
    originOf(settings) === "machines"
      ? await fromServer(file, env, account, request.seconds)
      : await fromApi(await kubeconfigFor(settings, file, env), account, request.seconds);
  const token = tokenIn(answer);
  const name = `${settings.cluster.name ?? settings.stack}-${account.namespace}-${request.team}`;
  return {
    text: kubeconfigText(name, cluster, account.namespace, token.text),
    name,
    namespace: account.namespace,
    ends: token.ends,
  };
}

interface Answer {
  readonly cluster: Access["cluster"];
  readonly answer: unknown;
}

async function fromServer(
  file: StackOnDisk,
  env: Environment,
  { namespace, account }: TeamAccount,
  seconds: number,
): Promise<Answer> {
  return await withSite(file, env, async (site) => {
    const { cluster } = currentAccess(await freshKubeconfig(site));
    const kubectl = await kubectlOf(site);
    const words = ["create", "token", account, "--namespace", namespace, `--duration=${String(seconds)}s`];
    return { cluster, answer: await kubectl.json(words).catch(notThere(account, namespace)) };
  });
}

/** Asks the API itself, by a kubeconfig that may make tokens. */
export async function fromApi(
  kubeconfig: string,
  { namespace, account }: TeamAccount,
  seconds: number,
): Promise<Answer> {
  const access = currentAccess(kubeconfig);
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const object = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: seconds },
  };
  return { cluster: access.cluster, answer: await post(access, path, object).catch(notThere(account, namespace)) };
}

async function kubeconfigFor({ cluster }: Settings, file: StackOnDisk, env: Environment): Promise<string> {
  return cluster.kubeconfig?.isKnown === true ? cluster.kubeconfig.reveal() : await kubeconfigOfStack(file, env);
}

function notThere(account: string, namespace: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Error) || !error.message.includes("not found")) throw error;
    throw new GroundworkError("failed", `the cluster has no service account ${account} in ${namespace} yet`, {
      remedy: "run 'pulumi up' first",
    });
  };
}

/** The token of a TokenRequest that was answered. Pure. */
export function tokenIn(answer: unknown): { readonly text: string; readonly ends: Date } {
  const { status } = (answer ?? {}) as { status?: { token?: unknown; expirationTimestamp?: unknown } };
  const ends = new Date(String(status?.expirationTimestamp));
  if (typeof status?.token !== "string" || status.token === "" || Number.isNaN(ends.getTime())) {
    throw new GroundworkError("failed", "the API gave no token");
  }
  return { text: status.token, ends };
}

/** A kubeconfig with one context; its namespace is the one that the token is for. Pure. */
export function kubeconfigText(name: string, cluster: Access["cluster"], namespace: string, token: string): string {
  return stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name, cluster }],
      users: [{ name, user: { token } }],
      contexts: [{ name, context: { cluster: name, user: name, namespace } }],
      "current-context": name,
    },
    { lineWidth: 0 },
  );
}
