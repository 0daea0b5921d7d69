import { homedir } from "node:os";
import { join } from "node:path";
import { copyToRemote } from "./copyToRemote";
import type { ExecutorOf } from "./executor";
import { helmBinary } from "./helmBinary";
import { helmReleases } from "./helmRelease";
import { kubernetesObjects } from "./kubernetesObject";
import { localCommand } from "./localCommand";
import { kubernetesProvider } from "./provider";
import { randomExecutors } from "./random";
import { remoteCommand } from "./remoteCommand";

/** All that the lab engine can execute; `dispose` closes what was opened for it. */
export function executors(cacheDirectory = defaultCache()): { executorOf: ExecutorOf; dispose: () => void } {
  const objects = kubernetesObjects();
  const releases = helmReleases(helmBinary(cacheDirectory));
  return {
    executorOf: (type) => {
      if (type === "command:remote:Command") return remoteCommand;
      if (type === "command:remote:CopyToRemote") return copyToRemote;
      if (type === "command:local:Command") return localCommand;
      if (type in randomExecutors) return randomExecutors[type];
      if (type === "pulumi:providers:kubernetes") return kubernetesProvider;
      if (type === "kubernetes:helm.sh/v3:Release") return releases;
      return /^kubernetes:[^:]+\/v\d\w*:\w+$|^kubernetes:v1:\w+$/.test(type) ? objects.executor : undefined;
    },
    dispose: () => objects.dispose(),
  };
}

function defaultCache(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "groundwork", "lab");
}
