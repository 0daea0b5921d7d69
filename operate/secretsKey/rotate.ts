import { GroundworkError } from "../../config/groundworkError";
import { factsOf } from "../facts";
import type { Host } from "../host";
import { everyAnswer, runTask } from "../serverTurns";
import type { Site } from "../site";
import { serversOf } from "../snapshots/list";
import { serverNamed } from "../snapshots/save";
import { KEY_SECONDS, secretsKeyProgram } from "./programs";
import { decideRotation, type KeyState, type Rotation } from "./rotation";

/** A rotation that is about to be: what a person is asked about. */
export interface PlannedRotation extends Rotation {
  /** Servers in the order in which k3s restarts on them; empty where it does not restart. */
  readonly restarts: readonly string[];
}

export interface RotateOptions {
  /** Whether to go on. */
  readonly agreed: (planned: PlannedRotation) => Promise<boolean>;
  readonly say: (line: string) => void;
}

/** Longer than every wait of a verb but k3s's own work: locks, API, snapshot, start. */
const SPARE_SECONDS = 1800;

/**
 * Rotates the key that the Secrets in etcd are encrypted with, on all servers of a stack. Cut off anywhere, it goes on when it is run
 * again.
 *
 * @returns whether it was done; false where somebody said no.
 * @throws GroundworkError where a server is not reached or not well, or k3s refuses.
 */
export async function rotateSecretsKey(site: Site, { agreed, say }: RotateOptions): Promise<boolean> {
  const hosts = serversOf(site);
  const rotation = decideRotation(await statesOf(site, hosts));
  const rotating = serverNamed(site, rotation.server, "rotating");
  const inOrder = [rotating, ...hosts.filter((host) => host !== rotating)];
  // A lone server's API has read the new key already.
  const restarting = hosts.length === 1 ? [] : inOrder;
  if (!(await agreed({ ...rotation, restarts: restarting.map(({ name }) => name) }))) return false;
  const run = async (host: Host, verb: string): Promise<void> => {
    const program = secretsKeyProgram(site.settings, host.node, rotation.server);
    await runTask(host, { program, verb, timeoutMs: (KEY_SECONDS + SPARE_SECONDS) * 1000, say });
  };
  await run(rotating, "rotate_key");
  for (const host of restarting) await run(host, "take_up_key");
  checkAll(await statesOf(site, hosts));
  await run(rotating, "finish_key");
  return true;
}

/** @throws GroundworkError with every server that does not say. */
async function statesOf(site: Site, hosts: readonly Host[]): Promise<KeyState[]> {
  const ask = async (host: Host): Promise<KeyState> => {
    const program = secretsKeyProgram(site.settings, host.node, host.name);
    const facts = factsOf(await host.runProgram(program, "look_at_key", { timeoutMs: 120_000 }));
    const fact = (name: string): string => facts.get(name) ?? "";
    return {
      node: host.name,
      isEnabled: fact("enabled") === "true",
      stage: fact("stage"),
      mismatch: fact("mismatch"),
      active: fact("active"),
      hasOthers: fact("others") === "yes",
      version: fact("version"),
      isBegun: fact("begun") === "yes",
    };
  };
  return await everyAnswer(hosts, ask, {
    message: "these servers do not say what key they have:",
    remedy: "every server has to take up a new key: bring them back first",
  });
}

/** What each server has in its own file, beside what k3s says of them all. */
function checkAll(states: readonly KeyState[]): void {
  const active = new Set(states.map((state) => state.active));
  const behind = states.filter(
    ({ stage, mismatch, hasOthers }) => stage !== "reencrypt_finished" || mismatch !== "" || hasOthers,
  );
  if (active.size === 1 && behind.length === 0) return;
  const shown = states.map(
    ({ node, stage, active: key, mismatch }) => `${node}: ${key}, ${stage}${mismatch === "" ? "" : `, ${mismatch}`}`,
  );
  throw new GroundworkError("failed", ["not all servers have the new key:", ...shown].join("\n  "), {
    remedy: "run this again",
  });
}
