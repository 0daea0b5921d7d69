import * as pulumi from "@pulumi/pulumi";
import { clusterOf, HostNetworkDaemonSet, ScheduledJob, StatefulApp, WebApp } from "groundwork/workloads";

/** A database, the shop in front of it, a nightly report, and an exporter on every node. */
async function shop(): Promise<Record<string, unknown>> {
  const config = new pulumi.Config();
  const cluster = await clusterOf(config.require("cluster"));
  const password = config.requireSecret("ordersPassword");
  const namespace = "shop";

  const orders = new StatefulApp("orders", {
    cluster,
    namespace,
    image: "docker.io/library/postgres:18.1",
    ports: { postgres: 5432 },
    env: { POSTGRES_DB: "orders" },
    secretEnv: { POSTGRES_PASSWORD: password },
    resources: { cpu: "250m", memory: "1Gi" },
    probes: { readiness: { command: ["pg_isready", "--username=postgres"] } },
    security: { user: 999, group: 999 },
    volumes: { data: { path: "/var/lib/postgresql", size: "20Gi" } },
    shutdown: { graceSeconds: 120 },
  });

  const front = new WebApp("shop", {
    cluster,
    namespace,
    image: "registry.example.org/shop:1.4.2",
    port: 8080,
    env: { DATABASE_HOST: orders.internalName },
    secretEnv: { DATABASE_PASSWORD: password },
    resources: { cpu: "100m", memory: "256Mi" },
    probes: { readiness: { path: "/healthz" }, startup: { path: "/healthz", periodSeconds: 2 } },
    mounts: { "/tmp": { scratch: true } },
    security: { user: 1000, readOnlyRoot: true },
    ingress: { hosts: ["shop.example.org"], tls: { issuer: config.get("issuer") ?? "internal-ca" } },
  });

  new ScheduledJob("report", {
    cluster,
    namespace,
    image: "registry.example.org/report:2.0.1",
    schedule: "30 3 * * *",
    timeZone: "Europe/Berlin",
    timeoutSeconds: 1800,
    env: { DATABASE_HOST: orders.internalName },
    secretEnv: { DATABASE_PASSWORD: password },
    security: { user: 1000 },
    resources: { cpu: "100m", memory: "128Mi" },
  });

  new HostNetworkDaemonSet("node-exporter", {
    cluster,
    namespace: "monitoring",
    image: "quay.io/prometheus/node-exporter:v1.10.2",
    ports: { metrics: 9100 },
    resources: { cpu: "20m", memory: "64Mi" },
    probes: { readiness: { path: "/" } },
    // The image says its user by a name, of which Kubernetes cannot see that it is not root.
    security: { user: 65_534 },
    tolerations: [{ operator: "Exists" }],
  });

  return { urls: front.urls };
}

// Pulumi calls an exported function and takes what it returns as the stack's outputs.
module.exports = shop;
