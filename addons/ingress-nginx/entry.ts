import type { IngressSettings } from "./settings";

/** Where the controller answers. Only the API knows a load balancer's address; everything else is decided by the settings. */
export function whereItAnswers(ingress: IngressSettings, hosts: readonly string[]): string {
  const on = hosts.join(", ");
  if (ingress.hostPorts) return `ports 80 and 443 of ${on}`;
  const { http, https } = ingress.nodePorts ?? {};
  if (ingress.serviceType === "NodePort" && http !== undefined && https !== undefined) {
    return `ports ${http} and ${https} of ${on}`;
  }
  return "kubectl get service -n ingress-nginx ingress-nginx-controller";
}

/** The controllers in a few words: `ingress-nginx 4.15.1, on every node, host ports 80 and 443`. */
export function summaryOf(ingress: IngressSettings, named: string): string {
  const many = ingress.replicas === 1 ? "1 controller" : `${ingress.replicas} controllers`;
  const kind = ingress.kind === "DaemonSet" ? "on every node" : many;
  const ports = ingress.nodePorts === undefined ? "" : ` ${Object.values(ingress.nodePorts).join(" and ")}`;
  const entry = ingress.hostPorts ? "host ports 80 and 443" : `${ingress.serviceType}${ports}`;
  return `${named}, ${kind}, ${entry}`;
}
