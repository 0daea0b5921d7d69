import { each, hostOf } from "../../config/addresses";
import { error } from "../../config/checks/check";
import { pathText } from "../../config/problem";
import type { OwnCheck } from "../ownSettings";
import { addressRange, rangesOverlap, type Range } from "./range";
import type { MetallbSettings } from "./settings";

type Check = OwnCheck<MetallbSettings>;

/** There is something to give. */
const somePool: Check = ({ pools }) =>
  Object.keys(pools).length > 0
    ? []
    : [
        error(
          "addons.metallb.pools",
          "has no pool, so no service gets an address",
          "write one, e.g. site: { addresses: [192.168.10.240-192.168.10.250] }",
        ),
      ];

/** Two that give addresses to the same services overwrite one another (metallb.io, "Issues with K3s"). */
const noServiceLb: Check = (_, { k3s }) =>
  k3s.disable.includes("servicelb")
    ? []
    : [
        error(
          "k3s.disable",
          "does not name servicelb, which would give addresses to the same services as addons.metallb",
          "write disable: [servicelb], beside what stands there",
        ),
      ];

/** Addresses are blocks or ranges, as MetalLB reads them. */
const ranges: Check = (own) =>
  written(own).flatMap(({ path, text }) =>
    addressRange(text) !== undefined
      ? []
      : [
          error(
            path,
            `"${text}" is neither a block nor a range of addresses`,
            "write one like 192.168.10.0/28 or 192.168.10.240-192.168.10.250, the lower address first",
          ),
        ],
  );

/** MetalLB refuses all of its configuration where two pools share an address. */
const poolsApart: Check = (own) =>
  known(own).flatMap(({ path, text, range }, index, all) =>
    all
      .slice(0, index)
      .filter((before) => rangesOverlap(before.range, range))
      .map((before) => error(path, `${text} shares addresses with ${before.path}`, "write each address once")),
  );

/** An address that somebody has already would be claimed by two. */
const notTaken: Check = (own, { nodes, cluster, network }) => {
  const hosts = [
    ...nodes.flatMap(({ name, address, internalIp, externalIp }) =>
      [address, ...each(internalIp), ...each(externalIp)].map((ip) => ({ ip, whose: `node ${name}` })),
    ),
    { ip: hostOf(cluster.apiAddress), whose: "cluster.apiAddress" },
    { ip: cluster.virtualIp?.address, whose: "cluster.virtualIp" },
  ];
  return known(own).flatMap(({ path, text, range }) => [
    ...(["podCidr", "serviceCidr"] as const)
      .filter((key) => each(network[key]).some((block) => overlaps(block, range)))
      .map((key) =>
        error(path, `${text} shares addresses with network.${key}`, "write addresses of the site's network"),
      ),
    ...hosts
      .filter(({ ip }, index) => ip !== undefined && range.has(ip) && hosts.findIndex((one) => one.ip === ip) === index)
      .map(({ ip = "", whose }) => error(path, `${text} has ${ip} of ${whose}`, "leave it out of the pool")),
  ]);
};

export const metallbChecks: readonly Check[] = [somePool, noServiceLb, ranges, poolsApart, notTaken];

function overlaps(block: string, range: Range): boolean {
  const other = addressRange(block);
  return other !== undefined && rangesOverlap(other, range);
}

function written({ pools }: MetallbSettings): { readonly path: string; readonly text: string }[] {
  return Object.entries(pools).flatMap(([pool, { addresses }]) =>
    addresses.map((text, index) => ({
      path: pathText(["addons", "metallb", "pools", pool, "addresses", index]),
      text,
    })),
  );
}

function known(own: MetallbSettings): { readonly path: string; readonly text: string; readonly range: Range }[] {
  return written(own).flatMap(({ path, text }) => {
    const range = addressRange(text);
    return range === undefined ? [] : [{ path, text, range }];
  });
}
