import * as fs from "node:fs";
import { join } from "node:path";
import { Cluster } from "./cluster";
import type { Unit } from "./systemd";
import type { World } from "./world";

/** A host and its world as they were at one moment, to start many runs from. */
export interface Saved {
  readonly files: readonly File[];
  readonly cluster: Cluster;
  readonly units: readonly (readonly [string, Unit])[];
  readonly ports: readonly number[];
  readonly apiUp: boolean;
  readonly nodeName: string;
  readonly letsIn: string;
  readonly rules: string;
  readonly lives: number;
}

interface File {
  readonly path: string;
  readonly mode: number;
  readonly seconds: number;
  /** Undefined for a directory. */
  readonly content: Buffer | undefined;
  readonly target: string | undefined;
}

export const TOPS = ["/etc", "/var", "/usr/local", "/root", "/home", "/run", "/mnt"];

export function save(world: World): Saved {
  const files: File[] = [];
  const visit = (path: string): void => {
    const at = world.files.at(path);
    const stat = fs.lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined) return;
    const common = {
      path,
      mode: stat.mode & 0o7777,
      seconds: stat.mtimeMs / 1000,
      content: undefined,
      target: undefined,
    };
    if (stat.isSymbolicLink()) files.push({ ...common, target: fs.readlinkSync(at) });
    else if (stat.isFile()) files.push({ ...common, content: fs.readFileSync(at) });
    else if (stat.isDirectory()) {
      files.push(common);
      for (const name of fs.readdirSync(at)) visit(join(path, name));
    }
  };
  for (const top of TOPS) visit(top);
  const { k3s, systemd, cluster, rules } = world;
  return {
    files,
    cluster: copyOf(cluster),
    units: [...systemd.units].map(([name, unit]) => [name, { ...unit }]),
    ports: k3s.ports,
    apiUp: k3s.apiUp,
    nodeName: k3s.nodeName,
    letsIn: k3s.letsIn,
    rules,
    lives: systemd.lives,
  };
}

export function load(world: World, saved: Saved): void {
  for (const { path, mode, seconds, content, target } of saved.files) {
    const at = world.files.at(path);
    const there = fs.lstatSync(at, { throwIfNoEntry: false }) !== undefined;
    if (target !== undefined) {
      if (!there) fs.symlinkSync(target, at);
      continue;
    }
    if (content !== undefined) fs.writeFileSync(at, content);
    else if (!there) fs.mkdirSync(at);
    fs.chmodSync(at, mode);
    if (content !== undefined) fs.utimesSync(at, seconds, seconds);
  }
  world.cluster = copyOf(saved.cluster);
  for (const [name, unit] of saved.units) Object.assign(world.systemd.unit(name), unit);
  Object.assign(world.k3s, { ports: saved.ports, apiUp: saved.apiUp, nodeName: saved.nodeName, letsIn: saved.letsIn });
  world.rules = saved.rules;
  world.systemd.lives = saved.lives;
}

function copyOf(cluster: Cluster): Cluster {
  const copy = new Cluster(cluster.ca);
  for (const [id, object] of cluster.objects) copy.objects.set(id, structuredClone(object));
  for (const name of cluster.etcd) copy.etcd.add(name);
  for (const [address, server] of cluster.others) copy.others.set(address, { ...server });
  const { token, agentToken, passwords, minor, version, isLone, resets, secondCluster, keys, authorities } = cluster;
  const plain = { token, agentToken, passwords, minor, version, isLone, resets, secondCluster, keys, authorities };
  return Object.assign(copy, plain);
}
