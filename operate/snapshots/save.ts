import { GroundworkError } from "../../config/groundworkError";
import { factsOf } from "../facts";
import { kubectlOf } from "../kubectl";
import type { Host } from "../host";
import type { Site } from "../site";
import { serversOf } from "./list";
import { snapshotProgram } from "./programs";

export interface SavedSnapshot {
  readonly node: string;
  readonly path: string;
  readonly bytes: number;
  readonly version: string;
}

/** What a snapshot may be called: it becomes a file's name, in front of the node's and the time. */
export const SNAPSHOT_NAME = /^[a-z0-9]([-a-z0-9.]{0,40}[a-z0-9])?$/;

/**
 * Saves a snapshot of etcd on a server, with the token that opens it beside it.
 *
 * @param request.name What its file's name begins with. Default: `on-demand`.
 * @param request.node The server that saves it. Default: the first whose API answers.
 * @throws GroundworkError where the server or the name is none, or k3s saves nothing.
 */
export async function saveSnapshot(
  site: Site,
  request: { readonly name?: string; readonly node?: string },
): Promise<SavedSnapshot> {
  const name = request.name ?? "on-demand";
  if (!SNAPSHOT_NAME.test(name)) {
    throw new GroundworkError(
      "usage",
      `--name ${name}: write lower-case letters, digits, dots and hyphens, at most 42`,
    );
  }
  const host = request.node === undefined ? (await kubectlOf(site)).host : serverNamed(site, request.node, "--node");
  const facts = factsOf(
    await host.runProgram(snapshotProgram(site.settings, host.node, { name }), "save_now", { timeoutMs: 600_000 }),
  );
  return {
    node: host.name,
    path: facts.get("path") ?? "",
    bytes: Number(facts.get("bytes")),
    version: facts.get("version") ?? "",
  };
}

/** @throws GroundworkError where no server of the stack has the name. */
export function serverNamed(site: Pick<Site, "hosts">, name: string, option: string): Host {
  const servers = serversOf(site);
  const host = servers.find((one) => one.name === name);
  if (host !== undefined) return host;
  const names = servers.map((one) => one.name).join(", ");
  throw new GroundworkError("usage", `${option} ${name}: the stack has no server of this name. Servers: ${names}`);
}
