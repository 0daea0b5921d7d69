import { createHash } from "node:crypto";
import { parseDocument } from "yaml";
import { LabError } from "../error";
import { dockerName, hostAddress, SITE } from "../naming";
import type { CertificatePrograms } from "../site/certManager";
import type { LabState } from "../state";
import type { Docker } from "./docker";
import { tar } from "./tar";

const PROGRAMS = "/usr/local/lib/groundwork-lab";
const RECORD = "etc/groundwork-lab/certificates";

/**
 * Runs the ACME server and cert-manager's controllers on the site, for the cluster of a kubeconfig.
 *
 * @returns Whether they were started: those that are the same and for the same cluster already run, or start with the site.
 */
export async function startOnSite(
  docker: Docker,
  state: LabState,
  programs: CertificatePrograms,
  kubeconfig: string,
): Promise<boolean> {
  const what = "the site's certificates";
  const container = dockerName(state.name, SITE);
  const own = fromSite(kubeconfig, state);
  const record = createHash("sha256").update(`${programs.source}\0${own}`).digest("hex");
  const before = await docker.try(["exec", container, "cat", `/${RECORD}`]);
  if (before.stdout.trim() === record) return false;

  const services = ["lab-cert-manager.service", "lab-acme.service"];
  await docker.do(what, ["exec", container, "systemctl", "stop", ...services]);
  await docker.do(what, ["exec", container, "mkdir", "-p", PROGRAMS]);
  await docker.do(what, ["cp", programs.acme, `${container}:${PROGRAMS}/lab-acme`]);
  await docker.do(what, ["cp", programs.certManager, `${container}:${PROGRAMS}/lab-cert-manager`]);
  const input = tar([{ path: "etc/groundwork-lab/kubeconfig", mode: 0o600, content: own }]);
  await docker.do(what, ["cp", "-", `${container}:/`], { input });
  await docker.do(what, ["exec", container, "systemctl", "start", ...services]);
  // Last: an interrupted run starts them again.
  await docker.do(what, ["cp", "-", `${container}:/`], {
    input: tar([{ path: RECORD, mode: 0o644, content: `${record}\n` }]),
  });
  return true;
}

/** A cluster's kubeconfig as the site uses it: the first server in the lab's network, under the name that it is known by. */
export function fromSite(kubeconfig: string, { hosts, prefix }: Pick<LabState, "hosts" | "prefix">): string {
  const document = parseDocument(kubeconfig);
  const cluster = ["clusters", 0, "cluster"];
  const server: unknown = document.getIn([...cluster, "server"]);
  const first = hosts.find(({ role }) => role === "server");
  if (typeof server !== "string" || !URL.canParse(server) || first === undefined) {
    throw new LabError("the cluster's kubeconfig names no server, and the site's cert-manager needs one");
  }
  const { hostname, port } = new URL(server);
  document.setIn([...cluster, "server"], `https://${hostAddress(prefix, first)}:${port === "" ? "443" : port}`);
  document.setIn([...cluster, "tls-server-name"], hostname.replace(/^\[(.*)\]$/, "$1"));
  return document.toString();
}
