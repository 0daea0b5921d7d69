import { readFileSync } from "node:fs";
import type { Docker } from "../hosts/docker";
import { listContainers } from "../hosts/containers";

export interface HostMemory {
  /** Node's name, or `site`. */
  readonly host: string;
  /** Bytes of the container's cgroup without what the kernel would give back at once, as `docker stats` shows them. */
  readonly container: number;
  /** Bytes of the container engine's process beside the container (its shim); 0 where that may not be read. */
  readonly shim: number;
}

/** The memory of each container of a lab, by its cgroup. */
export async function hostMemory(docker: Docker, lab: string): Promise<HostMemory[]> {
  const containers = (await listContainers(docker, lab)).filter(({ state }) => state === "running");
  const ids = containers.map(({ id }) => id);
  const stats = await docker.do("memory of the hosts", [
    "stats",
    "--no-stream",
    "--no-trunc",
    "--format",
    "{{.ID}}\t{{.MemUsage}}",
    ...ids,
  ]);
  const pids = await docker.do("processes of the hosts", ["inspect", "--format", "{{.Id}}\t{{.State.Pid}}", ...ids]);
  const used = byId(stats);
  const pid = byId(pids);
  return containers.map(({ id, host }) => ({
    host,
    container: bytes(used.get(id) ?? ""),
    shim: shimMemory(pid.get(id) ?? ""),
  }));
}

export function total(memory: readonly HostMemory[]): number {
  return memory.reduce((sum, { container, shim }) => sum + container + shim, 0);
}

function byId(text: string): Map<string, string> {
  return new Map(
    text.split("\n").map((line) => {
      const [id = "", value = ""] = line.split("\t");
      return [id, value];
    }),
  );
}

/** `9.2MiB / 23.5GiB`. */
function bytes(text: string): number {
  const [, number = "", unit = ""] = /^([\d.]+)([KMG]?)i?B/.exec(text) ?? [];
  if (number === "") throw new Error(`docker stats says '${text}', which is no memory`);
  return Number(number) * 1024 ** ["", "K", "M", "G"].indexOf(unit);
}

/** The parent of a container's first process; its proportional set size counts shared pages once (proc(5)). */
function shimMemory(pid: string): number {
  try {
    const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
    const rollup = readFileSync(`/proc/${parent}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
