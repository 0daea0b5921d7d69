import * as assert from "node:assert/strict";
import type { NewAuthorities } from "../../operate/authorities/programs";
import type { Saved } from "./fake/saved";
import type { ApiFault } from "./fake/call";
import { onHost, type Host } from "./host";
import type { Fault, Ran, Shell } from "./sandbox/sandbox";
import type { Scenario } from "./scenario";
import type { RestoreOf } from "./scripts";

/** One harm, in the words of the report. */
export interface Case {
  readonly kind: string;
  readonly where: string;
  readonly fault?: Fault;
  readonly apiFault?: (number: number) => ApiFault;
}

/** An undisturbed run, which every disturbed one has to come to in the end. */
export interface Undisturbed {
  readonly before: Saved;
  readonly stack: Record<string, unknown>;
  readonly node: string;
  readonly newToken: string | undefined;
  readonly newAgentToken: string | undefined;
  readonly restore: RestoreOf;
  readonly made: NewAuthorities | undefined;
  readonly ran: Ran;
  readonly apiCalls: number;
  /** What the verb leaves behind when nothing happens. */
  readonly after: Record<string, unknown>;
  /** The same after the verb was run once more. */
  readonly again: Record<string, unknown>;
}

type Start = Pick<Undisturbed, "before" | "stack" | "node" | "newToken" | "newAgentToken" | "restore" | "made">;

/** Where the runs of each scenario start from. */
const starts = new Map<Scenario, Start>();

async function startOf(scenario: Scenario): Promise<Start> {
  const known = starts.get(scenario);
  if (known !== undefined) return known;
  const start = await onHost(scenario.nodes, scenario.node, async (host) => {
    await scenario.prepare(host);
    const { stack, node, newToken, newAgentToken, restore, made } = host;
    return { before: host.save(), stack, node, newToken, newAgentToken, restore, made };
  });
  starts.set(scenario, start);
  return start;
}

/**
 * A host that stands where the scenario starts. It is a busy one: what waits asks less often, so that the harms fall on
 * what the verb does more than on its waiting.
 */
function onStart<T>(scenario: Scenario, start: Start, use: (host: Host) => Promise<T>): Promise<T> {
  return onHost(scenario.nodes, scenario.node, async (host) => {
    host.load(start.before);
    const { stack, node, newToken, newAgentToken, restore, made } = start;
    Object.assign(host, { stack, node, newToken, newAgentToken, restore, made });
    host.world.stretch = 3;
    return use(host);
  });
}

/** Runs a scenario undisturbed, and counts what it does. */
export async function undisturbed(scenario: Scenario, shell: Shell): Promise<Undisturbed> {
  const start = await startOf(scenario);
  return onStart(scenario, start, async (host) => {
    const calls = host.world.apiCalls;
    const ran = await host.run(scenario.verb, { shell, record: true });
    assert.equal(ran.code, 0, `${scenario.name} fails undisturbed: ${ran.err}`);
    const apiCalls = host.world.apiCalls - calls;
    const after = await settled(host);
    const second = await host.run(scenario.verb, { shell });
    assert.equal(second.code, 0, `${scenario.name} fails when it is run again: ${second.err}`);
    return { ...start, ran, apiCalls, after, again: await settled(host) };
  });
}

/** Does one harm to a run, and tells what is wrong afterwards; undefined when all is well. */
export async function survive(
  scenario: Scenario,
  shell: Shell,
  calm: Undisturbed,
  one: Case,
): Promise<string | undefined> {
  return onStart(scenario, calm, async (host) => {
    if (one.apiFault !== undefined) host.world.apiFault = one.apiFault(host.world.apiCalls);
    const ran = await host.run(scenario.verb, { shell, ...(one.fault === undefined ? {} : { fault: one.fault }) });
    const livesWith = scenario.livesWith?.kinds.test(one.kind) === true && scenario.livesWith.says.test(ran.out);
    const wrong = livesWith && ran.code === 0 ? undefined : wrongAfter(host, scenario, calm, ran, one);
    host.world.apiFault = () => undefined;
    host.sandbox.mend();
    const where = `${one.kind} at ${one.where}: `;
    if (wrong !== undefined) return `${where}${wrong}; it said: ${lastLines(ran)}`;
    // A file that a full disk kept from being written is a matter for the second run.
    host.world.clock.advance(60);
    const second = await host.run(scenario.verb, { shell });
    if (second.code !== 0) {
      return `${where}the second run fails: ${lastLines(second)}; the first said: ${lastLines(ran)}`;
    }
    const lost = host.lostFiles();
    if (lost.length > 0) return `${where}the second run lost ${lost.join(", ")}`;
    const state = await settled(host);
    if (differences(state, calm.after).length === 0 || differences(state, calm.again).length === 0) return undefined;
    return `${where}the second run ends elsewhere: ${differences(state, calm.after).slice(0, 4).join("; ")}`;
  });
}

function wrongAfter(host: Host, scenario: Scenario, calm: Undisturbed, ran: Ran, one: Case): string | undefined {
  const lost = host.lostFiles();
  if (lost.length > 0) return `lost ${lost.join(", ")}`;
  const owner = calm.before.files.find(({ path }) => path === "/var/lib/groundwork/owner");
  const finished = scenario.verb === "uninstall" || scenario.verb === "leave";
  if (owner !== undefined && !finished) {
    const now = host.world.files.read(owner.path) ?? "";
    // Its last line goes when a k3s has been taken over.
    const before = owner.content!.toString().replace(/^(adopting|cluster)=.*\n/gm, "");
    if (!now.startsWith(before)) return "lost the owner mark";
  }
  const data = "/var/lib/rancher/k3s/server/db/etcd/member";
  const hadData = calm.before.files.some(({ path }) => path === data);
  if (hadData && !finished && !host.world.files.exists(data) && !isAside(host)) return "lost the cluster's data";
  const sqlite = "/var/lib/rancher/k3s/server/db/state.db";
  const hadSqlite = calm.before.files.some(({ path }) => path === sqlite);
  if (hadSqlite && !host.world.files.exists(sqlite) && !host.world.files.exists(data)) return "lost SQLite's data";
  if (host.world.cluster.secondCluster) return "started a second cluster";
  if (ran.code === undefined || one.kind === "connection lost") return undefined;
  if (ran.code !== 0) {
    const line = new RegExp(`^error: ${host.node}: .+`, "m");
    return line.test(ran.err) ? undefined : `ended with ${ran.code} and without an error that names the node`;
  }
  host.world.clock.advance(60);
  const different = differences(host.state(), calm.after);
  return different.length === 0 ? undefined : `said it worked, and did not: ${different.slice(0, 4).join("; ")}`;
}

/** A restore moves the data of before aside. */
function isAside({ world: { files } }: Host): boolean {
  const db = "/var/lib/rancher/k3s/server/db";
  return files.list(db).some((name) => name.startsWith("etcd-before-") && files.exists(`${db}/${name}/member`));
}

/** The state once everything that was to happen has happened. */
async function settled(host: Host): Promise<Record<string, unknown>> {
  host.world.clock.advance(60);
  return host.state();
}

/** Paths at which two states differ, with both values. */
export function differences(one: unknown, other: unknown, path = ""): string[] {
  if (typeof one === "object" && typeof other === "object" && one !== null && other !== null) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].flatMap((key) =>
      differences(
        (one as Record<string, unknown>)[key],
        (other as Record<string, unknown>)[key],
        `${path} ${key}`.trim(),
      ),
    );
  }
  return one === other ? [] : [`${path} is ${short(one)}, not ${short(other)}`];
}

function short(value: unknown): string {
  const text = value === undefined ? "absent" : JSON.stringify(value);
  return text.length > 90 ? `${text.slice(0, 90)}…` : text;
}

function lastLines(ran: Ran): string {
  const lines = `${ran.out}${ran.err}`.split("\n").filter((line) => line !== "");
  return lines.slice(-3).join(" / ") || "nothing";
}
