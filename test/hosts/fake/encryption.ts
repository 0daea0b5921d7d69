import type { Answer } from "../sandbox/gateway";
import type { Clock } from "./clock";
import type { Cluster } from "./cluster";
import type { Files } from "./files";
import type { K3s } from "./k3s";
import { configured, HASH, hashOf, STATE, writeConfig } from "./keys";
import { refusedWithId } from "./refusal";
import type { Systemd } from "./systemd";

/** What of the world it needs. */
interface Encrypting {
  readonly k3s: K3s;
  readonly files: Files;
  readonly clock: Clock;
  readonly cluster: Cluster;
  readonly systemd: Systemd;
  wait(seconds: number): Promise<void>;
}

/** How long k3s's command waits for an answer (pkg/cli/secretsencrypt). */
const PATIENCE = 70;

/** `k3s secrets-encrypt status|rotate-keys|reencrypt`, as pkg/server/handlers/secrets-encrypt.go does it. */
export async function secretsEncrypt(world: Encrypting, [verb = "", ...rest]: readonly string[]): Promise<Answer> {
  if (!world.k3s.apiUp) return failed("Get https://127.0.0.1:6443/cacerts: connection refused");
  const names = configured(world.files);
  if (verb === "status") return status(world, names);
  if (names === undefined) return refused(world, "no such file or directory");
  if (verb === "rotate-keys") {
    const why = disagreement(world, names);
    if (why !== undefined) return refused(world, why);
    begin(world, [`aescbckey-${String(Number(names[0]!.split("-")[1] ?? 1) + 1)}`, ...names]);
  } else if (verb === "reencrypt" && rest.includes("--force")) {
    begin(world, names);
  } else {
    throw new Error(`k3s secrets-encrypt ${verb}`);
  }
  const seconds = RELOAD_SECONDS + world.k3s.temper.reencryptSeconds;
  await world.wait(Math.min(seconds, PATIENCE));
  if (seconds > PATIENCE) return failed("context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
  return { code: 0, out: "keys rotated, reencryption finished\n", err: "" };
}

const RELOAD_SECONDS = 2;

/** The stage is on the Node alone until k3s is done; the new key is in etcd's data before the first Secret has it (k3s-io/k3s#13764). */
function begin(world: Encrypting, names: readonly string[]): void {
  const { k3s, files, clock, cluster, systemd } = world;
  const life = systemd.lives;
  const isAlive = (): boolean => k3s.apiUp && systemd.lives === life;
  const node = cluster.node(k3s.nodeName)!;
  const before = configured(files)!;
  node.metadata.annotations[HASH] = `reencrypt_active-${hashOf(before)}`;
  clock.after(RELOAD_SECONDS, () => {
    if (!isAlive()) return;
    writeConfig(files, names);
    cluster.keys = { names, state: files.read(STATE)! };
    clock.after(k3s.temper.reencryptSeconds, () => {
      if (!isAlive()) return;
      const left = names.slice(0, 1);
      const state = `reencrypt_finished-${hashOf(left)}`;
      writeConfig(files, left);
      files.write(STATE, state, 0o600);
      node.metadata.annotations[HASH] = state;
      cluster.keys = { names: left, state };
    });
  });
}

/** The first pair of servers whose keys or stages differ. */
function mismatch({ cluster }: Encrypting): string | undefined {
  const known = cluster.nodes().flatMap(({ metadata }) => {
    const hash = metadata.annotations[HASH];
    return hash === undefined ? [] : [{ name: metadata.name, hash }];
  });
  known.sort((one, another) => one.name.localeCompare(another.name));
  const other = known.find(({ hash }) => hash !== known[0]!.hash);
  return other === undefined ? undefined : `hash does not match between ${known[0]!.name} and ${other.name}`;
}

function disagreement(world: Encrypting, names: readonly string[]): string | undefined {
  const { cluster, k3s } = world;
  const [stage = "", hash = ""] = (cluster.node(k3s.nodeName)?.metadata.annotations[HASH] ?? "").split("-");
  const differs = mismatch(world);
  if (differs !== undefined) return differs;
  if (!"start-reencrypt_finished".includes(stage)) return `incorrect stage: ${stage} found on node ${k3s.nodeName}`;
  return hash === hashOf(names) ? undefined : `invalid hash: ${hash} found on node ${k3s.nodeName}`;
}

function status(world: Encrypting, names: readonly string[] | undefined): Answer {
  const { cluster, k3s } = world;
  if (names === undefined) return { code: 0, out: '{\n\t"stage": "",\n\t"activekey": ""\n}\n', err: "" };
  const [active, ...inactive] = names.map((name) => `AES-CBC ${name}`);
  const hasherror = mismatch(world);
  const stage = (cluster.node(k3s.nodeName)?.metadata.annotations[HASH] ?? "").split("-")[0];
  const all = {
    stage,
    activekey: active,
    enable: true,
    ...(hasherror === undefined ? { hashmatch: true } : { hasherror }),
    ...(inactive.length === 0 ? {} : { inactivekeys: inactive }),
  };
  return { code: 0, out: `${JSON.stringify(all, undefined, "\t")}\n`, err: "" };
}

function refused(world: Encrypting, why: string): Answer {
  return refusedWithId(world, "secret-encrypt", "/encrypt/config", why);
}
const failed = (why: string): Answer => ({ code: 1, out: "", err: `level=fatal msg="Error: ${why}"\n` });
