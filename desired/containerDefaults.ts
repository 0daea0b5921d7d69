import { countedBy, quantityOf, type Counted } from "../config/quantity";
import type { NamespaceSettings } from "../config/settings";

type Limits = NonNullable<NamespaceSettings["limits"]>;
type Kind = Counted["kind"];

/** What a container gets that says nothing, where a quota asks for it and the stack does not say. */
const SMALL: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
  requests: { cpu: "50m", memory: "64Mi" },
  limits: { cpu: "500m", memory: "512Mi" },
};

/**
 * What containers of a namespace get. Limits in the stack file stand as they are; where there are none, a quota that counts
 * requests or limits has small ones made, for pods without them would be refused. Never more than the quota itself.
 */
export function limitsOf({ limits, quota }: Pick<NamespaceSettings, "limits" | "quota">): Limits | undefined {
  if (limits !== undefined) return limits;
  const most = new Map<string, string>();
  for (const [key, value] of Object.entries(quota)) {
    const counted = countedBy(key);
    if (counted === undefined) continue;
    const name = `${counted.kind}.${counted.resource}`;
    most.set(name, least(String(value), most.get(name)));
  }
  const given = (kind: Kind, resource: string): string | undefined => {
    const small = SMALL[kind][resource] ?? "";
    const counted = most.get(`${kind}.${resource}`);
    return counted === undefined ? undefined : least(small, counted);
  };
  const found = Object.keys(SMALL.requests).map((resource) => {
    const limit = given("limits", resource);
    // A limit alone would be the request, too, and much is asked for that nobody needs.
    const request = given("requests", resource) ?? (limit === undefined ? undefined : SMALL.requests[resource]);
    return { resource, limit, request: request === undefined ? undefined : least(request, limit) };
  });
  const record = (values: readonly (readonly [string, string | undefined])[]): Record<string, string> =>
    Object.fromEntries(values.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
  const limit = record(found.map((each) => [each.resource, each.limit]));
  const request = record(found.map((each) => [each.resource, each.request]));
  if (Object.keys(request).length === 0) return undefined;
  return { ...(Object.keys(limit).length === 0 ? {} : { default: limit }), defaultRequest: request };
}

function least(one: string, other: string | undefined): string {
  const [a, b] = [quantityOf(one), other === undefined ? undefined : quantityOf(other)];
  return other !== undefined && a !== undefined && b !== undefined && b < a ? other : one;
}
