import { setTimeout as sleep } from "node:timers/promises";
import { GroundworkError } from "../../config/groundworkError";
import type { Host } from "../host";
import type { Site } from "../site";
import { maintain, operatorOf, type MaintenanceOptions } from "./maintain";

export interface RebootOptions extends MaintenanceOptions {
  /** How long the machine may take until SSH answers again, in seconds. */
  readonly backSeconds: number;
}

/**
 * Reboots machines one after another: each drained, and Ready again (a server as a voter too) before the next one. Run again after
 * it was cut off, it begins with the node that it was at.
 *
 * @throws GroundworkError at the first that is not drained, does not come back, or would cost etcd its quorum; the rest stay as they
 * are.
 */
export async function reboot(site: Pick<Site, "hosts">, hosts: readonly Host[], options: RebootOptions): Promise<void> {
  for (const host of hosts) await rebootOne(site, host, options);
}

async function rebootOne(site: Pick<Site, "hosts">, host: Host, options: RebootOptions): Promise<void> {
  const { say } = options;
  const operator = await operatorOf(site, host.node);
  // Asked first: a machine that is not reached is drained for nothing.
  const before = await lifeOf(host);
  await maintain(site, host.node, "begin_reboot", { ...options, operator });
  say(`${host.name}: rebooting`);
  await askToReboot(host);
  await comeBack(host, before, options);
  await maintain(site, host.node, "finish_reboot", { ...options, operator });
}

/**
 * Which life the machine is in: the kernel's boot id, and the start of process 1 in it, which changes with a container's too.
 *
 * @throws Error where it is not reached.
 */
async function lifeOf(host: Host): Promise<string> {
  const { code, stdout, stderr } = await host.run("cat /proc/sys/kernel/random/boot_id /proc/1/stat", {
    timeoutMs: 20_000,
  });
  const [bootId = "", stat = ""] = stdout.split("\n");
  // The name in brackets may have spaces; the start is the 20th field after it (proc(5)).
  const start = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  if (code !== 0 || start === undefined) {
    throw new GroundworkError("failed", `${host.name}: it does not say since when it runs: ${stderr.trim()}`);
  }
  return `${bootId} ${start}`;
}

async function askToReboot(host: Host): Promise<void> {
  try {
    const { code, stderr } = await host.run("systemctl reboot", { timeoutMs: 30_000 });
    // 124 and 130: no answer any more, which is what was asked for.
    if (code !== 0 && code !== 124 && code !== 130) {
      throw new GroundworkError(
        "failed",
        `${host.name}: it cannot be rebooted: ${stderr.trim()}; it is drained, and 'groundwork node uncordon ${host.name}' undoes that`,
      );
    }
  } catch (error) {
    if (GroundworkError.isInstance(error)) throw error;
    // The connection ended with the machine.
  } finally {
    host.close();
  }
}

async function comeBack(host: Host, before: string, { backSeconds, say }: RebootOptions): Promise<void> {
  const begin = Date.now();
  let nextWord = 10;
  let reason = "";
  for (;;) {
    try {
      if ((await lifeOf(host)) !== before) break;
      reason = "it has not gone down";
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
      host.close();
    }
    const spent = Math.floor((Date.now() - begin) / 1000);
    if (spent >= backSeconds) {
      throw new GroundworkError(
        "failed",
        `${host.name}: not back after ${String(spent)} s (${reason}); it stays cordoned`,
        {
          remedy: `look at its console; once it is back and Ready: groundwork node uncordon ${host.name}`,
        },
      );
    }
    if (spent >= nextWord) {
      say(`waiting for ${host.name} to come back (${String(spent)} of ${String(backSeconds)} s)`);
      nextWord = Math.floor(spent / 10) * 10 + 10;
    }
    await sleep(1000);
  }
  say(`${host.name}: back after ${String(Math.floor((Date.now() - begin) / 1000))} s`);
}
