import type { Docker } from "../hosts/docker";
import { median } from "../../bench/measure";
import type { Bench } from "./bench";
import { mebibytes, seconds, times } from "./figures";
import { hostMemory, total } from "./memory";
import { measureNoOp } from "./noOp";
import { BENCH_LAB } from "./options";

const AGENTS_AIMED_AT = 50;
const MEMORY_AIM = "under 12 GiB";

/**
 * A cluster from nothing, and one agent more.
 *
 * @param before What adding an agent took in the first size; undefined in that one.
 * @returns what it took in the first size.
 */
export async function measureSize(bench: Bench, size: number, first: boolean, before?: number): Promise<number> {
  const { up, apply, figures } = bench;
  const docker = await up(size - 1);
  const applied = await apply(`up of ${String(size)} nodes`);
  if (first) await measureCluster(bench, docker);
  figures.add({
    what: `up of ${String(size)} nodes`,
    value: seconds(applied.seconds),
    how: `1 server, ${String(size - 1)} agents on fresh hosts, from the program's start to its end, packages and releases included`,
  });
  await up(size);
  const added = await apply(`one agent added to ${String(size)} nodes`);
  const name = `agent-${String(size)}`;
  const node = added.times.seconds(`${name}-token`, `${name}-drain`, `${name}-ready`);
  const ratio = before === undefined ? "" : `, ${times(added.seconds, before)} of the first size`;
  figures.add({
    what: `one agent added to ${String(size)} nodes`,
    value: `${seconds(added.seconds)}${ratio}`,
    aim: "the same for each size",
    how: `the whole up; ${seconds(node)} of it from SSH to Ready, of that ${seconds(added.times.seconds(name))} on the host, packages included`,
  });
  return before ?? added.seconds;
}

async function measureCluster({ paths, figures, progress }: Bench, docker: Docker): Promise<void> {
  await progress.step("converge where nothing changes", async () => {
    await measureNoOp(paths, figures, "server-1");
    await measureNoOp(paths, figures, "agent-1");
  });
  const memory = await hostMemory(docker, BENCH_LAB);
  const of = (name: string): number => total(memory.filter(({ host }) => host === name));
  const agents = memory.filter(({ host }) => host.startsWith("agent-"));
  const agent = median(agents.map((one) => one.container + one.shim));
  figures.add({
    what: "memory of an agent's host",
    value: mebibytes(agent),
    how: `docker stats and the container engine's shim, median of ${String(agents.length)}; server ${mebibytes(of("server-1"))}, site ${mebibytes(of("site"))}`,
  });
  figures.add({
    what: `memory for ${String(AGENTS_AIMED_AT)} agents, extrapolated`,
    value: mebibytes(of("server-1") + of("site") + AGENTS_AIMED_AT * agent),
    aim: MEMORY_AIM,
    how: "server, site and so many agents of that size; what a server needs for more nodes is not in it",
  });
}

/** One server and many agents, applied: the memory of all of it. */
export async function measureAgents({ up, apply, figures }: Bench, agents: number): Promise<void> {
  const docker = await up(agents);
  const applied = await apply(`up of 1 server and ${String(agents)} agents`);
  const memory = await hostMemory(docker, BENCH_LAB);
  const server = memory.filter(({ host }) => host === "server-1");
  figures.add({
    what: `memory for ${String(agents)} agents, measured`,
    value: mebibytes(total(memory)),
    ...(agents === AGENTS_AIMED_AT ? { aim: MEMORY_AIM } : {}),
    how: `docker stats and shims of all ${String(memory.length)} containers after an up of ${seconds(applied.seconds)}; server ${mebibytes(total(server))}`,
  });
}
