import { pathText } from "../problem";
import { countedBy, quantityOf, type Counted } from "../quantity";
import type { NamespaceSettings } from "../settings";
import { error, listed, warning, type Check, type Finding } from "./check";

type Limits = NamespaceSettings["limits"];
type LimitKey = keyof NonNullable<Limits>;

/** Quotas and limits are quantities (kubernetes: apimachinery, resource.Quantity). */
export const quantities: Check = ({ namespaces }) =>
  Object.entries(namespaces).flatMap(([name, { quota, limits }]) => [
    ...quantity(["namespaces", name, "quota"], quota),
    ...(["default", "defaultRequest", "max", "min"] as const).flatMap((key) =>
      quantity(["namespaces", name, "limits", key], limits?.[key] ?? {}),
    ),
  ]);

/**
 * Pods that ask for nothing of what a quota counts are refused (kubernetes.io/docs/concepts/policy/resource-quotas). Where the
 * stack sets no limits at all, they are made (desired/containerDefaults.ts).
 */
export const quotaDefaults: Check = ({ namespaces }) =>
  Object.entries(namespaces).flatMap(([name, { quota, limits }]) => {
    if (limits === undefined) return [];
    const without = Object.keys(quota).filter((key) => {
      const counted = countedBy(key);
      return counted !== undefined && defaultOf(limits, counted) === undefined;
    });
    if (without.length === 0) return [];
    return [
      warning(
        pathText(["namespaces", name, "quota"]),
        `counts ${listed(without)}, so pods that do not say theirs are refused`,
        "write what a container gets that says nothing, in limits: default and defaultRequest, e.g. defaultRequest: { cpu: 50m }",
      ),
    ];
  });

/** A quota has room for one container that says nothing, and for the least that one must say. */
export const quotaRoom: Check = ({ namespaces }) =>
  Object.entries(namespaces).flatMap(([name, { quota, limits }]) =>
    Object.entries(quota).flatMap(([key, most]): Finding[] => {
      const counted = countedBy(key);
      const found = counted === undefined ? undefined : tooMuch(limits, counted, most);
      if (found === undefined || counted === undefined) return [];
      const what =
        found.key === "min" ? "the least that a container must have" : "what a container gets that says nothing";
      const from = pathText(["limits", found.key, counted.resource]);
      return [
        error(
          pathText(["namespaces", name, "quota", key]),
          `${most} is less than ${what} (${from} is ${found.value}), so its pod is refused`,
          `write at least ${found.value}, or less in ${from}`,
        ),
      ];
    }),
  );

/** min, defaultRequest, default and max rise (kubernetes: pkg/apis/core/validation, ValidateLimitRange), or the API refuses them. */
export const limitOrder: Check = ({ namespaces }) =>
  Object.entries(namespaces).flatMap(([name, { limits }]) =>
    ORDER.flatMap(([low, high]) =>
      Object.entries(limits?.[low] ?? {}).flatMap(([resource, value]): Finding[] => {
        const other = limits?.[high]?.[resource];
        if (other === undefined || !isMore(value, other)) return [];
        const at = pathText(["namespaces", name, "limits", low, resource]);
        const than = pathText(["limits", high, resource]);
        return [error(at, `${value} is more than ${than}, which is ${other}`, `write at most ${other}`)];
      }),
    ),
  );

export const quotaChecks: readonly Check[] = [quantities, quotaDefaults, quotaRoom, limitOrder];

const ORDER: readonly (readonly [low: LimitKey, high: LimitKey])[] = [
  ["min", "defaultRequest"],
  ["min", "default"],
  ["min", "max"],
  ["defaultRequest", "default"],
  ["defaultRequest", "max"],
  ["default", "max"],
];

interface Default {
  readonly key: LimitKey;
  readonly value: string;
}

/**
 * What a LimitRange gives a container that says nothing: a request by default is the limit's default, or the least; a limit by
 * default is the most (kubernetes: pkg/apis/core/v1/defaults.go, SetDefaults_LimitRangeItem).
 */
function defaultOf(limits: Limits, { kind, resource }: Counted): Default | undefined {
  const from =
    kind === "limits" ? (["default", "max"] as const) : (["defaultRequest", "default", "max", "min"] as const);
  return from.flatMap((key) => {
    const value = limits?.[key]?.[resource];
    return value === undefined ? [] : [{ key, value }];
  })[0];
}

/** What of one container is more than the whole quota. */
function tooMuch(limits: Limits, counted: Counted, most: string | number): Default | undefined {
  const least = limits?.min?.[counted.resource];
  if (least !== undefined && isMore(least, most)) return { key: "min", value: least };
  const given = defaultOf(limits, counted);
  return given !== undefined && isMore(given.value, most) ? given : undefined;
}

function isMore(one: string | number, other: string | number): boolean {
  const [a, b] = [quantityOf(one), quantityOf(other)];
  return a !== undefined && b !== undefined && a > b;
}

function quantity(path: readonly (string | number)[], values: Readonly<Record<string, string | number>>): Finding[] {
  return Object.entries(values)
    .filter(([, value]) => quantityOf(value) === undefined)
    .map(([name, value]) =>
      error(pathText([...path, name]), `"${value}" is not a quantity`, "write one like 500m, 4 or 8Gi"),
    );
}
