import { randomBytes } from "node:crypto";
import type { Host, HostAnswer } from "../host";
import { failureOf } from "../facts";
import { askAll } from "../site";
import { portsBetween, portsOf, type Neighbour } from "./neighbours";
import { listenProgram, probeProgram, type ProbePorts } from "./programs";

/** How one node's attempts at another one ended. */
export interface Attempt {
  readonly from: Neighbour;
  readonly to: Neighbour;
  /** By port. */
  readonly tcp: ReadonlyMap<number, "open" | "refused" | "silent" | "unreachable">;
  readonly ping: boolean;
  /** The largest packet that came back whole, in bytes; 0 for none. */
  readonly mtu: number;
  /** Whether a full packet came back that may be cut on its way. */
  readonly fragments: boolean;
  /** Whether the datagrams came; undefined where nothing was sent, or nobody listened. */
  readonly udp: boolean | undefined;
}

/** A host that could not take part, and why. */
export interface Unprobed {
  readonly name: string;
  readonly why: string;
}

export interface Probes {
  readonly attempts: readonly Attempt[];
  readonly unprobed: readonly Unprobed[];
}

/** A host with how the others reach it. */
export interface Prober {
  readonly host: Host;
  readonly neighbour: Neighbour;
}

interface Listener {
  readonly prober: Prober;
  readonly pid: string;
  /** Ends with all that it received. */
  readonly ended: Promise<HostAnswer>;
}

/** Lets all hosts try all others at once: small listeners on each, then a prober on each, then the listeners are ended. */
export async function probeAll(probers: readonly Prober[], udpPort: number | undefined): Promise<Probes> {
  const ports: ProbePorts = { nonce: randomBytes(8).toString("hex"), udp: udpPort === undefined ? [] : [udpPort] };
  const opened = await Promise.all(probers.map((prober) => listenOn(prober, ports)));
  const listeners = opened.filter((each): each is Listener => "pid" in each);
  const unprobed = opened.filter((each): each is Unprobed => "why" in each);
  const nodes = new Map(listeners.map(({ prober }) => [prober.host, prober.neighbour]));
  const replies = await askAll([...nodes.keys()], async (host) => {
    const from = nodes.get(host);
    if (from === undefined) throw new Error("it does not listen");
    const others = [...nodes].filter(([each]) => each !== host).map(([, neighbour]) => neighbour);
    const targets = others.map((to) => ({
      name: to.node.name,
      address: to.address,
      tcp: to.answersTcp ? portsBetween(from.node, to.node) : [],
    }));
    const program = probeProgram({ name: host.name, interface: from.interface, mtu: from.mtu }, targets, ports);
    return { from, others, answer: await host.runProgram(program, "probe", { timeoutMs: 20_000 }) };
  });
  const received = await heardBy(listeners);
  const attempts = replies.flatMap((reply) => {
    if ("error" in reply) {
      unprobed.push({ name: reply.host.name, why: reply.error.message });
      return [];
    }
    const { from, others, answer } = reply.value;
    if (answer.code !== 0) {
      unprobed.push({ name: reply.host.name, why: failureOf(answer).replace(`${reply.host.name}: `, "") });
      return [];
    }
    return attemptsIn(answer.stdout, from, others).map((attempt) => ({
      ...attempt,
      udp: udpPort === undefined ? undefined : received.get(attempt.to.node.name)?.has(attempt.from.node.name),
    }));
  });
  return { attempts, unprobed };
}

/** Starts a listener and waits until it listens. */
async function listenOn(prober: Prober, ports: ProbePorts): Promise<Listener | Unprobed> {
  const { host, neighbour } = prober;
  const { name } = host;
  let onPid: (pid: string) => void = () => undefined;
  const pid = new Promise<string>((resolve) => (onPid = resolve));
  const ended = host.runProgram(
    listenProgram(name, neighbour.answersTcp ? portsOf(neighbour.node) : [], ports),
    "listen",
    {
      timeoutMs: 90_000,
      onLine: (line) => {
        const found = /^listening (\d+)$/.exec(line)?.[1];
        if (found !== undefined) onPid(found);
      },
    },
  );
  const first = await Promise.race([
    pid,
    ended.then(
      (answer): Unprobed => ({ name, why: failureOf(answer).replace(`${name}: `, "") }),
      (error: unknown): Unprobed => ({ name, why: error instanceof Error ? error.message : String(error) }),
    ),
  ]);
  return typeof first === "string" ? { prober, pid: first, ended } : first;
}

/** Ends the listeners, and gives by host the names of those whose datagrams came. */
async function heardBy(listeners: readonly Listener[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const received = new Map<string, ReadonlySet<string>>();
  await Promise.all(
    listeners.map(async ({ prober: { host }, pid, ended }) => {
      try {
        await host.run(`kill ${pid}`);
        const { stdout } = await ended;
        received.set(host.name, new Set([...stdout.matchAll(/^udp \d+ (\S+)$/gm)].map(([, from]) => from ?? "")));
      } catch {
        // The connection is gone, and the listener with it; what it received is not known.
      }
    }),
  );
  return received;
}

/** Reads what a prober said of each of its targets. */
export function attemptsIn(text: string, from: Neighbour, others: readonly Neighbour[]): Omit<Attempt, "udp">[] {
  const lines = text.split("\n").map((line) => line.split(" "));
  const said = (what: string, name: string): string | undefined =>
    lines.find((words) => words[0] === what && words[1] === name)?.[2];
  return others.map((to) => {
    const { name } = to.node;
    const tcp = lines
      .filter((words) => words[0] === "tcp" && words[1] === name)
      .map(([, , port, state]): [number, "open" | "refused" | "silent" | "unreachable"] => [
        Number(port),
        state === "open" || state === "refused" || state === "unreachable" ? state : "silent",
      ]);
    return {
      from,
      to,
      tcp: new Map(tcp),
      ping: said("ping", name) === "yes",
      mtu: Number(said("mtu", name) ?? 0),
      fragments: said("fragments", name) === "yes",
    };
  });
}
