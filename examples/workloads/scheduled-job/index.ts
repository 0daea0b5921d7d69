import * as pulumi from "@pulumi/pulumi";
import { clusterOf, ScheduledJob } from "groundwork/workloads";

/** Every night at half past three it looks whether the database answers; one run at a time, half an hour at most. */
async function scheduledJob(): Promise<void> {
  const config = new pulumi.Config();
  new ScheduledJob("check", {
    cluster: await clusterOf(config.require("cluster")),
    namespace: "data",
    image: "docker.io/library/postgres:18.1",
    command: ["psql", "--command=SELECT count(*) FROM pg_stat_activity"],
    schedule: "30 3 * * *",
    timeZone: config.get("timeZone") ?? "Europe/Berlin",
    timeoutSeconds: 1800,
    env: { PGHOST: "database", PGUSER: "postgres" },
    secretEnv: { PGPASSWORD: config.requireSecret("password") },
    security: { user: 999 },
    resources: { cpu: "100m", memory: "128Mi" },
  });
}

// Pulumi calls an exported function.
module.exports = scheduledJob;
