import type { Answer } from "../sandbox/gateway";
import type { Clock } from "./clock";
import type { Files } from "./files";
import type { K3s } from "./k3s";
import { mayAsk } from "./passwords";

/** What of the world it needs. */
interface Saving {
  readonly k3s: K3s;
  readonly files: Files;
  readonly clock: Clock;
}

/** `k3s etcd-snapshot save`. Like the real one it ends with 0 also where the file could not be written. */
export function saveSnapshot({ k3s, files, clock }: Saving, args: readonly string[]): Answer {
  const flag = (name: string): string | undefined => {
    const at = args.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
    return at < 0 ? undefined : args[at]!.includes("=") ? args[at]!.slice(name.length + 3) : args[at + 1];
  };
  if (!files.exists("/var/lib/rancher/k3s/server/db/etcd")) {
    return { code: 1, out: "", err: 'level=fatal msg="Error: etcd datastore disabled"\n' };
  }
  if (!k3s.apiUp) return { code: 1, out: "", err: 'level=fatal msg="Error: no server"\n' };
  if (!mayAsk(files, k3s.letsIn)) return { code: 1, out: "", err: 'level=fatal msg="Error: not authorized"\n' };
  const directory = flag("dir") ?? flag("etcd-snapshot-dir") ?? "/var/lib/rancher/k3s/server/db/snapshots";
  const path = `${directory}/${flag("name") ?? "on-demand"}-${k3s.nodeName}-${clock.ahead}`;
  try {
    files.write(path, "a snapshot\n", 0o600);
  } catch (error) {
    files.remove(path);
    return { code: 0, out: "", err: `level=error msg="Failed to save snapshot: ${String(error)}"\n` };
  }
  return { code: 0, out: "Snapshot saved.\n", err: "" };
}
