import * as pulumi from "@pulumi/pulumi";
import { clusterOf, WebApp } from "groundwork/workloads";

/** Two pods on two nodes that tell what was asked of them, under a name with a certificate. */
async function webApp(): Promise<Record<string, unknown>> {
  const config = new pulumi.Config();
  const whoami = new WebApp("whoami", {
    cluster: await clusterOf(config.require("cluster")),
    namespace: "apps",
    image: "docker.io/traefik/whoami:v1.11.0",
    port: 8080,
    args: ["--port=8080"],
    resources: { cpu: "20m", memory: "32Mi" },
    probes: { readiness: { path: "/health" } },
    security: { user: 65_534, readOnlyRoot: true },
    ingress: {
      hosts: [config.get("host") ?? "whoami.example.org"],
      tls: { issuer: config.get("issuer") ?? "internal-ca" },
    },
  });
  return { urls: whoami.urls };
}

// Pulumi calls an exported function and takes what it returns as the stack's outputs.
module.exports = webApp;
