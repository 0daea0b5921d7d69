import type { Settings } from "../../config/settings";
import type { Migrated } from "./migration";

/** The next step on the way from ingress-nginx to Traefik, by where the stack's settings are on it: one line each. */
export function nextSteps({ ingress, k3s }: Settings, all: readonly Migrated[], node: string | undefined): string[] {
  const { controller, beside, nginxAnnotations } = ingress;
  if (controller === "ingress-nginx" && beside === undefined) {
    return [
      "1. side by side: write ingress.beside: { http: 30080, https: 30443 }",
      ...(k3s.disable.includes("traefik") ? ["   take traefik out of k3s.disable"] : []),
      "   'pulumi up', and run this again",
    ];
  }
  if (controller === "ingress-nginx" && beside !== undefined) {
    const hosts = [...new Set(all.flatMap((one) => one.hosts))].filter((host) => !host.includes("*"));
    return [
      "2. ask Traefik for each name, and compare:",
      ...hosts.map((host) => `   curl --connect-to ${host}:443:${node ?? "NODE"}:${beside.https} https://${host}/`),
      "3. over: controller: traefik with nginxAnnotations: true, without beside; 'pulumi up'",
      "   back: take beside out, 'pulumi up'",
    ];
  }
  if (controller !== "none" && nginxAnnotations) {
    return [
      "4. one day: write these Ingresses for the class traefik, and take nginxAnnotations out",
      "   back: controller: ingress-nginx with beside, 'pulumi up'",
    ];
  }
  return ["the stack has no ingress-nginx, and its Traefik does not read these Ingresses: docs/ingress.md"];
}
