import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GroundworkError } from "../../config/groundworkError";
import { run, type Environment } from "../../process/run";
import type { ReleaseHistory } from "./history";

export interface RollbackOptions {
  readonly env: Environment;
  readonly timeoutSeconds: number;
  /** Called with each line that helm prints. */
  readonly say: (line: string) => void;
}

/** Whether the program `helm` can be run. @throws GroundworkError where it cannot. */
export async function requireHelm(env: Environment): Promise<string> {
  const { code, stdout, stderr } = await run("helm", ["version", "--short"], { env: helmEnvironment(env) });
  if (code === 0) return stdout.trim();
  const reason = code === 127 ? "it is not on PATH" : (stderr.trim().split("\n").at(-1) ?? "");
  throw new GroundworkError("failed", `a rollback is done by the program helm, and ${reason}`, {
    remedy:
      "install it (helm.sh/docs/intro/install); or set the earlier version and values in the stack file and run up",
  });
}

/**
 * Has helm roll a release back, and waits for its pods. The kubeconfig is a file for this user only, for as long as helm runs.
 *
 * @throws GroundworkError with helm's own words where it fails.
 */
export async function rollBack(
  { name, namespace }: Pick<ReleaseHistory, "name" | "namespace">,
  revision: number,
  kubeconfig: string,
  { env, timeoutSeconds, say }: RollbackOptions,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "groundwork-helm-"));
  // Ctrl-C reaches helm too, which ends; the file must go then as well.
  const stay = (): void => undefined;
  process.on("SIGINT", stay);
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  process.on("exit", remove);
  try {
    chmodSync(directory, 0o700);
    const file = join(directory, "kubeconfig");
    writeFileSync(file, kubeconfig, { mode: 0o600, flag: "wx" });
    const words = ["rollback", name, String(revision), "--namespace", namespace, "--kubeconfig", file];
    const { code, stderr } = await run("helm", [...words, "--wait", "--timeout", `${String(timeoutSeconds)}s`], {
      env: helmEnvironment(env),
      timeoutMs: (timeoutSeconds + 60) * 1000,
      onLine: (line) => say(line.replaceAll(file, "the stack's kubeconfig")),
    });
    if (code === 0) return;
    const said = stderr.trim().split("\n").at(-1) ?? "";
    throw new GroundworkError("failed", `helm did not roll ${name} back: ${said.replace(/^Error: /, "")}`, {
      remedy: `groundwork release history ${name} shows how it stands`,
    });
  } finally {
    remove();
    process.off("exit", remove);
    process.off("SIGINT", stay);
  }
}

/** Without what would lead helm to another cluster, or have it look for releases elsewhere. */
export function helmEnvironment(env: Environment): Environment {
  const misleads = /^(KUBECONFIG|HELM_KUBE.*|HELM_NAMESPACE|HELM_DRIVER.*|PULUMI_CONFIG_PASSPHRASE)$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !misleads.test(name)));
}
