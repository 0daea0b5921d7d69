import { helmAddon } from "../helmAddon";
import { addon } from "../ownSettings";
import type { PinnedChart } from "../pinnedChart";
import { object, type DesiredObject, type DesiredRelease, type Value } from "../resources";
import { metallbChecks } from "./checks";
import { metallbSchema, type MetallbSettings } from "./settings";
import { advertisementSpec, metallbValues, poolSpec } from "./values";

const NAMESPACE = "metallb-system";

const chart: PinnedChart = {
  repo: "https://metallb.github.io/metallb",
  chart: "metallb",
  // Tag v0.16.1 of metallb/metallb, May 2026.
  version: "0.16.1",
  // `kubeVersion` of the charts; its release notes name no tested releases.
  compatibility: [{ series: "0.16", needs: "1.19" }],
};

/** Addresses of the site's own network for services of type LoadBalancer. */
export const metallb = addon({
  name: "metallb",
  schema: metallbSchema,
  example: `
pools:
  site:
    addresses: [192.168.10.240-192.168.10.250]
`,
  chart,
  namespace: NAMESPACE,
  givesAddresses: true,
  checks: metallbChecks,
  summary: { label: "load balancer", text: ({ pools }, named) => `${named}; ${poolsText(pools)}` },
  removal: {
    happens: "its pools go with it, and services of type LoadBalancer lose their addresses",
    remedy: "give what is reached through them another way in first",
  },
  decide: (settings) => {
    const { group, release } = helmAddon({
      type: "groundwork:addons:Metallb",
      name: "metallb",
      namespace: NAMESPACE,
      // The speaker uses the host's network and raw sockets.
      podSecurity: "privileged",
      chart,
      settings,
      values: metallbValues(),
    });
    return { ...group, resources: [...group.resources, ...poolObjects(settings, release)] };
  },
});

/** A pool and its advertisement, each with the pool's name. */
function poolObjects({ pools }: MetallbSettings, release: DesiredRelease): DesiredObject[] {
  return Object.entries(pools).flatMap(([name, pool]) => {
    const itself = custom("IPAddressPool", name, poolSpec(pool), release);
    return [itself, custom("L2Advertisement", name, advertisementSpec(name, pool), release, itself)];
  });
}

function custom(kind: string, name: string, spec: Value, ...after: DesiredObject["after"]): DesiredObject {
  const fields = { metadata: { name, namespace: NAMESPACE }, spec };
  return object({ name, apiVersion: "metallb.io/v1beta1", kind, fields, after });
}

function poolsText(pools: MetallbSettings["pools"]): string {
  return Object.entries(pools)
    .map(([name, { addresses }]) => `${name} ${addresses.join(", ")}`)
    .join("; ");
}
