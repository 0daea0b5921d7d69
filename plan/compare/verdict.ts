import { mostUnavailable } from "../../desired/host/impact";
import type { Plan, PlanNode } from "../model";
import { bitesOf } from "./bites";
import type { Change, RiskyChange, Verdict } from "./difference";
import { fatesOf, hostVerdicts, type HostFate } from "./hostVerdicts";
import { givenTo } from "./impactOn";
import { refusedByPolicy } from "./riskyPolicy";

/** What the changes come to, before anything else is read. */
export function verdictOf(
  before: Plan | undefined,
  after: Plan,
  { changes, risky }: { readonly changes: readonly Change[]; readonly risky: readonly RiskyChange[] },
): Verdict {
  const fates = fatesOf(before, after, changes);
  return {
    line: [
      ...refusedByPolicy(after),
      ...(changes.length === 0 ? ["nothing changes"] : sentences(before, after, { changes, risky, fates })),
    ].join("; "),
    hosts: hostVerdicts(fates, after),
    bites: bitesOf(before, after, changes, fates),
  };
}

interface Found {
  readonly changes: readonly Change[];
  readonly risky: readonly RiskyChange[];
  readonly fates: readonly HostFate[];
}

function sentences(before: Plan | undefined, after: Plan, { changes, risky, fates }: Found): string[] {
  const refused = risky.filter((risk) => risk.refused === true).map(({ what }) => `the hosts refuse: ${what}`);
  const others = changes.filter(
    ({ kind }) => kind === "release" || kind === "issuer" || kind === "namespace" || kind === "resource",
  );
  const made = countOf(others.filter(({ action }) => action === "added"));
  const changed = countOf(others.filter(({ action }) => action === "changed"));
  return [
    ...refused,
    ...(before === undefined ? ["the stack is new"] : []),
    ...(after.nodes.length + fates.length === 0
      ? []
      : [...restartWords(before, after, fates), ...dnsWords(fates), ...membershipWords(before, after, fates)]),
    ...(changed === "" ? [] : [`${changed} ${isOne(others, "changed") ? "changes" : "change"}`]),
    ...(made === "" ? [] : [`${made} ${isOne(others, "added") ? "is" : "are"} new`]),
    deletedWords(changes),
  ];
}

function restartWords(before: Plan | undefined, after: Plan, fates: readonly HostFate[]): string[] {
  if (before === undefined) return [];
  const restarting = fates.filter(({ impact }) => impact?.restarts === true);
  if (restarting.length === 0) return ["no node restarts"];
  const servers = restarting.filter(({ role }) => role === "server");
  const agents = restarting.filter(({ role }) => role === "agent");
  const atOnce = agentsAtOnce(agents, after);
  const parts = [
    ...(servers.length === 0
      ? []
      : [`${count(servers.length, "server")} ${restarts(servers)}${pace(servers.length, 1)}`]),
    ...(agents.length === 0
      ? []
      : [
          `${servers.length > 0 ? "then " : ""}${count(agents.length, "agent")} ${servers.length > 0 ? "" : restarts(agents)}`.trimEnd() +
            pace(agents.length, atOnce),
        ]),
  ];
  return [parts.join(", "), ...apiWords(before, servers), drainWords(restarting)];
}

function dnsWords(fates: readonly HostFate[]): string[] {
  const number = fates.filter(({ impact }) => impact?.restartsCoreDns === true).length;
  return number === 0 ? [] : [`CoreDNS restarts where it runs on ${count(number, "node")}`];
}

function restarts(all: readonly HostFate[]): string {
  return all.length === 1 ? "restarts" : "restart";
}

function pace(all: number, atOnce: number): string {
  if (all === 1) return "";
  return atOnce === 1 ? " one at a time" : ` up to ${atOnce} at once`;
}

/** As many as the graph has side by side, and no more than may be drained. */
function agentsAtOnce(agents: readonly HostFate[], { rollout }: Plan): number {
  const widths = rollout.map(({ units }) => agents.filter(({ name }) => units.some((unit) => unit.name === name)));
  return Math.max(
    1,
    ...widths.map((side) => {
      const drained = side.filter((fate) => fate.drained);
      const [first] = drained.flatMap(({ after }) => after ?? []);
      const free = side.length - drained.length;
      return free + (first === undefined ? 0 : Math.min(drained.length, mostUnavailable(givenTo(first))));
    }),
  );
}

function drainWords(restarting: readonly HostFate[]): string {
  const drained = restarting.filter((fate) => fate.drained).length;
  if (drained === 0) return restarting.length === 1 ? "without a drain" : "none is drained";
  if (drained === restarting.length) return drained === 1 ? "drained first" : "each is drained first";
  return `${drained} of ${restarting.length} are drained first`;
}

/** What etcd and the API bear while the servers restart one after another. */
function apiWords(before: Plan, restarting: readonly HostFate[]): string[] {
  const servers = before.nodes.filter((node) => node.role === "server" && node.lost !== true);
  if (restarting.length === 0) return ["the API stays up"];
  const members = servers.length;
  if (members === 1) return ["the API is away meanwhile, as this is the only server"];
  const left = members - 1;
  if (left < Math.floor(members / 2) + 1) return ["etcd has no quorum and the API is away while a server restarts"];
  const at = restarting.find(({ before: node }) => node !== undefined && isAt(node, before));
  const away = at === undefined ? "" : `, but does not answer at its address, that of ${at.name}, while that restarts`;
  return [`the API stays up${away}`, `etcd keeps ${left} of ${members}`];
}

/** Whether the API is reached at this server alone. */
function isAt({ address, internalIp, externalIp }: PlanNode, { outputs }: Plan): boolean {
  const { apiUrl } = outputs;
  const url = typeof apiUrl === "string" ? apiUrl : "";
  const addresses = [address, ...(internalIp ?? "").split(","), ...(externalIp ?? "").split(",")];
  return addresses.some((one) => one !== "" && url.startsWith(`https://${one.includes(":") ? `[${one}]` : one}:`));
}

function membershipWords(before: Plan | undefined, after: Plan, fates: readonly HostFate[]): string[] {
  const of = (is: HostFate["is"], role: HostFate["role"]): number =>
    fates.filter((fate) => fate.is === is && fate.role === role).length;
  const words = (["joins", "leaves", "is given up", "is forgotten"] as const).flatMap((is) =>
    (["server", "agent"] as const).flatMap((role) => {
      const number = of(is, role);
      return number === 0 ? [] : [`${count(number, role)} ${number === 1 ? is : PLURAL[is]}`];
    }),
  );
  const [old, now] = [before, after].map(
    (plan) => plan?.nodes.filter((node) => node.role === "server" && node.lost !== true).length ?? 0,
  );
  const members = before !== undefined && old !== now ? [`etcd goes from ${old} to ${count(now ?? 0, "member")}`] : [];
  return [...words, ...members];
}

const PLURAL = {
  joins: "join",
  leaves: "leave",
  "is given up": "are given up",
  "is forgotten": "are forgotten",
} as const;

function deletedWords(changes: readonly Change[]): string {
  const gone = changes.filter(({ action, kind }) => action === "removed" && kind !== "output" && kind !== "roll-out");
  return gone.length === 0 ? "nothing is deleted" : `deleted: ${countOf(gone)}`;
}

function isOne(all: readonly Change[], action: Change["action"]): boolean {
  return all.filter((change) => change.action === action).length === 1;
}

/** `1 release, 2 namespaces`. */
function countOf(changes: readonly Change[]): string {
  const kinds = [...new Set(changes.map(({ kind }) => kind))];
  return kinds.map((kind) => count(changes.filter((change) => change.kind === kind).length, kind)).join(", ");
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
