import * as pulumi from "@pulumi/pulumi";
import { clusterOf, StatefulApp } from "groundwork/workloads";

/** PostgreSQL with a volume of the cluster's default class. Other pods of the namespace find it as `database`. */
async function statefulApp(): Promise<Record<string, unknown>> {
  const config = new pulumi.Config();
  const database = new StatefulApp("database", {
    cluster: await clusterOf(config.require("cluster")),
    namespace: "data",
    image: "docker.io/library/postgres:18.1",
    ports: { postgres: 5432 },
    secretEnv: { POSTGRES_PASSWORD: config.requireSecret("password") },
    resources: { cpu: "250m", memory: "1Gi" },
    probes: { readiness: { command: ["pg_isready", "--username=postgres"] } },
    security: { user: 999, group: 999 },
    volumes: { data: { path: "/var/lib/postgresql", size: config.get("size") ?? "20Gi" } },
    shutdown: { graceSeconds: 120 },
  });
  return { internalName: database.internalName };
}

// Pulumi calls an exported function and takes what it returns as the stack's outputs.
module.exports = statefulApp;
