import { bad, ok, unauthorized } from "./call";
import type { Cluster } from "./cluster";
import type { Files } from "./files";
import type { Answer } from "../sandbox/gateway";

/** A server's tokens as k3s keeps them: in files of its own, and sealed in etcd (k3s-io/k3s pkg/cluster, pkg/server/handlers/token.go). */

const PASSWD = "/var/lib/rancher/k3s/server/cred/passwd";
const TOKEN = "/var/lib/rancher/k3s/server/token";

const passwd = (server: string, agent: string): string =>
  `${agent},node,node,k3s:agent\n${server},server,server,k3s:server\n`;
const serverOf = (text: string): string => /^(.*),server,server,/m.exec(text)?.[1] ?? "";
const agentOf = (text: string): string => /^(.*),node,node,/m.exec(text)?.[1] ?? "";

/** Why a server with data does not start with these tokens; undefined when it does. */
export function refusedTokens(
  files: Files,
  cluster: Cluster,
  given: { readonly server: string; readonly agent: string; readonly joins: boolean },
): string | undefined {
  if (given.server !== cluster.token) {
    // One with a server to ask has written its files anew by the time it finds out.
    if (given.joins) {
      files.write(PASSWD, passwd(given.server, given.agent).split("\n").reverse().join("\n"), 0o600);
      files.write(TOKEN, `${cluster.pinned("server", given.server)}\n`, 0o600);
    }
    return "starting kubernetes: preparing server: bootstrap data already found and encrypted with different token";
  }
  const own = files.read(PASSWD);
  if (own === undefined || cluster.passwords.length === 0 || cluster.passwords.includes(own)) return undefined;
  return `${PASSWD} newer than datastore and could cause a cluster outage. Remove the file(s) from disk and restart to be recreated from datastore.`;
}

/** A server has started: etcd's passwords are on its disk, and another agents' token in them, which etcd does not have. */
export function takeTokens(
  files: Files,
  cluster: Cluster,
  given: { readonly server: string; readonly agent: string },
): void {
  if (cluster.passwords.length === 0) cluster.passwords = [passwd(given.server, given.agent)];
  files.write(PASSWD, passwd(given.server, given.agent), 0o600);
  files.write(TOKEN, `${cluster.pinned("server", given.server)}\n`, 0o600);
}

/** `PUT /v1-k3s/token`: file, file, and then etcd; what fails in between leaves the files changed. */
export function putToken(
  files: Files,
  cluster: Cluster,
  asked: { readonly letsIn: string; readonly current: string; readonly next: string; readonly fails: boolean },
): Answer {
  if (asked.current !== asked.letsIn) return unauthorized;
  if (asked.next === "") return bad("Error from server (BadRequest): newToken is missing");
  const text = files.read(PASSWD);
  const old = serverOf(text ?? "");
  const problem = (why: string): Answer => bad(`Error from server (InternalError): token error ID 12345: ${why}`);
  if (text === undefined || old === "") return problem("server token not found");
  const now = passwd(asked.next, agentOf(text));
  files.write(PASSWD, now, 0o600);
  files.write(TOKEN, `${cluster.pinned("server", asked.next)}\n`, 0o600);
  if (asked.fails) return problem("etcdserver: request timed out");
  if (old !== cluster.token && asked.next !== cluster.token) {
    return problem("bootstrap data already found and encrypted with different token");
  }
  cluster.token = asked.next;
  cluster.passwords = [...cluster.passwords, now];
  return ok();
}

/** Another server has rotated its token, as the host program does it there. */
export function rotateElsewhere(cluster: Cluster, token: string, mark: string): void {
  cluster.token = token;
  cluster.passwords = [...cluster.passwords, passwd(token, cluster.agentToken)];
  cluster.objects.get("namespace//kube-system")!.metadata.annotations["groundwork/token"] = mark;
}

/** Whether a snapshot may be asked for: the command takes the token from k3s's own file. */
export function mayAsk(files: Files, letsIn: string): boolean {
  return files.read(TOKEN)?.trim().endsWith(`:${letsIn}`) === true;
}
