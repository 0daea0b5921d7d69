import type { Docker } from "../hosts/docker";
import { dockerName } from "../naming";
import { median } from "../../bench/measure";
import type { Bench } from "./bench";
import { type ByHand, startByHand } from "./byHand";
import { type Alone, aloneAsServer, keepOnly } from "./cluster";
import { mebibytes, seconds, times } from "./figures";
import { hostMemory } from "./memory";
import { BENCH_LAB } from "./options";

/** Hosts before anything is on them, then one node: by hand, by the program, and by hand once more. */
export async function measureHosts(bench: Bench): Promise<void> {
  const { up, progress, figures } = bench;
  const docker = await up(2);
  const made = progress.taken(/^host /);
  const boots = await Promise.all(["server-1", "agent-1"].map(async (host) => await bootSeconds(docker, host)));
  figures.add({
    what: "host, until SSH and VPN answer",
    value: seconds(median(made)),
    how: `median of ${String(made.length)} made at the same time; systemd's own part ${seconds(median(boots))}`,
  });
  const idle = (await hostMemory(docker, BENCH_LAB)).filter(({ host }) => host !== "site");
  figures.add({
    what: "memory of an idle host",
    value: mebibytes(median(idle.map(({ container, shim }) => container + shim))),
    how: `docker stats and the container engine's shim (${mebibytes(median(idle.map(({ shim }) => shim)))}), median of ${String(idle.length)}`,
  });
  await measureOneNode(bench);
}

/** On three hosts of the same kind, in turn; what is measured twice lies around what is compared with it. */
async function measureOneNode({ paths, progress, figures, apply }: Bench): Promise<void> {
  const [one, other] = [aloneAsServer(paths, "agent-1"), aloneAsServer(paths, "agent-2")];
  keepOnly(paths, "server-1");
  const started = async (spare: Alone): Promise<ByHand> =>
    await progress.step(`k3s by hand on ${spare.host}`, async () => await startByHand(paths, spare));
  const before = await started(one);
  const { times: on } = await apply("up of one server, without add-ons");
  const after = await started(other);
  const hands: readonly ByHand[] = [before, after];
  const mean = (of: (run: ByHand) => number): number => hands.reduce((sum, run) => sum + of(run), 0) / hands.length;
  const hand = mean((run) => run.seconds);
  figures.add({
    what: "one node by hand, SSH to Ready",
    value: seconds(hand),
    how: `mean of ${hands.map((one) => seconds(one.seconds)).join(" before and ")} after the next; one SSH command on a fresh host: curl, the same config and unit, systemctl start (${seconds(mean((run) => run.k3sSeconds))} from there)`,
  });
  const program = on.seconds("server-1-token", "server-1-drain", "server-1-ready");
  const part = (name: string, resource: string): string => `${name} ${seconds(on.seconds(resource))}`;
  const parts = [
    part("token", "server-1-token"),
    part("drain", "server-1-drain"),
    part("host", "server-1"),
    part("ready", "server-1-ready"),
  ];
  figures.add({
    what: "one node by the program, SSH to Ready",
    value: `${seconds(program)}, ${seconds(program - hand)} more, ${times(program, hand)}`,
    aim: "under 2 s more",
    how: `up of one server without add-ons, from its first resource's start to its last one's end: ${parts.join(", ")}`,
  });
}

/** Seconds from systemd's own start to the end of the boot (org.freedesktop.systemd1, FinishTimestampMonotonic). */
async function bootSeconds(docker: Docker, host: string): Promise<number> {
  const names = ["UserspaceTimestampMonotonic", "FinishTimestampMonotonic"];
  const text = await docker.do(`boot of ${host}`, [
    "exec",
    dockerName(BENCH_LAB, host),
    "systemctl",
    "show",
    ...names.map((name) => `--property=${name}`),
  ]);
  const [begun = Number.NaN, finished = Number.NaN] = names.map((name) =>
    Number(new RegExp(`^${name}=(\\d+)$`, "m").exec(text)?.[1]),
  );
  return (finished - begun) / 1e6;
}
