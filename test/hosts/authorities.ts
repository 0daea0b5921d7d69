import { pinOf, type Authorities } from "./fake/bundle";
import type { Host } from "./host";
import { member } from "./member";
import { firstAuthorities } from "./newAuthorities";
import type { Scenario } from "./scenario";

let first: Authorities | undefined;
/** The authorities of the tests' cluster before any rotation; openssl takes a second for them. */
export const authoritiesBefore = (): Authorities => (first ??= firstAuthorities());

/** k3s runs on the host with authorities of its own, and on the others. */
export async function withAuthorities(host: Host, authorities = authoritiesBefore()): Promise<void> {
  host.world.cluster.authorities = authorities;
  await member(host);
}

/** A server has made new ones. */
export async function made(host: Host): Promise<void> {
  if (host.world.cluster.authorities === undefined) await withAuthorities(host);
  const { out } = await host.must("make_ca");
  const fact = (name: string): string => new RegExp(`^${name}=(\\w+)$`, "m").exec(out)?.[1] ?? "";
  host.made = { next: fact("next"), pin: fact("pin") };
}

/** k3s has stored them, and no node has them. */
export async function stored(host: Host): Promise<void> {
  await made(host);
  await host.must("expect_ca", "store_ca");
}

/** An agent knows of the new ones, and all servers have them. */
export async function servedToAgent(host: Host): Promise<void> {
  await withAuthorities(host);
  const authorities = firstAuthorities("@1800000000");
  const joined = (name: string): string => `${authorities.get(name)!}${authoritiesBefore().get(name)!}`;
  const given = new Map([...authorities.keys()].map((name) => [name, joined(name)]));
  host.world.cluster.authorities = given;
  host.made = { next: host.world.cluster.caHash, pin: pinOf(host.world.cluster.ca) };
  await host.must("expect_ca");
}

const THREE = ["server:s1", "server:s2", "server:s3"];
const ONE = ["server:s1", "agent:a1"];

export const AUTHORITY_SCENARIOS: readonly Scenario[] = [
  { name: "what a server is to expect", verb: "expect_ca", nodes: THREE, node: "s1", prepare: made },
  {
    name: "k3s is given new authorities",
    verb: "store_ca",
    nodes: THREE,
    node: "s1",
    prepare: async (host) => {
      await made(host);
      await host.must("expect_ca");
    },
  },
  { name: "a server takes them up", verb: "take_up_ca", nodes: THREE, node: "s2", prepare: stored },
  { name: "an agent takes them up", verb: "take_up_ca", nodes: ONE, node: "a1", prepare: servedToAgent },
];
