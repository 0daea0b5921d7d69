import { carriedTo, isNginxAnnotation, type Carried, type TraefikSeries } from "../../addons/traefik/nginxAnnotations";
import type { KubeObject } from "../kubeObjects";

export interface KubeIngress extends KubeObject {
  readonly spec?: {
    readonly ingressClassName?: string;
    readonly rules?: readonly { readonly host?: string }[];
  };
}

export interface KubeIngressClass extends KubeObject {
  readonly spec?: { readonly controller?: string };
}

/** An Ingress that ingress-nginx answers, and what becomes of it. */
export interface Migrated {
  readonly namespace: string;
  readonly name: string;
  /** Its names; `*` where a rule has none. */
  readonly hosts: readonly string[];
  readonly annotations: readonly MigratedAnnotation[];
}

export interface MigratedAnnotation {
  readonly name: string;
  readonly becomes: Carried;
}

const CONTROLLER = "k8s.io/ingress-nginx";
const OLD_CLASS = "kubernetes.io/ingress.class";
const DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class";

/** The Ingresses of ingress-nginx's classes, by namespace and name, with what Traefik makes of their annotations. */
export function migrated(
  ingresses: readonly KubeIngress[],
  classes: readonly KubeIngressClass[],
  series: TraefikSeries,
): Migrated[] {
  const own = classes.filter(({ spec }) => spec?.controller === CONTROLLER);
  const names = new Set(own.map(({ metadata }) => metadata.name));
  // Without a class of its own left, ingress-nginx is known by the name that it gives its class.
  if (names.size === 0) names.add("nginx");
  const hasDefault = own.some(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === "true");
  const isMeant = ({ metadata, spec }: KubeIngress): boolean => {
    const named = spec?.ingressClassName ?? metadata.annotations?.[OLD_CLASS];
    return named === undefined ? hasDefault : names.has(named);
  };
  return ingresses
    .filter(isMeant)
    .map(({ metadata, spec }) => ({
      namespace: metadata.namespace ?? "default",
      name: metadata.name,
      hosts: [...new Set((spec?.rules ?? []).map(({ host }) => host ?? "*"))],
      annotations: Object.entries(metadata.annotations ?? {})
        .filter(([name]) => isNginxAnnotation(name))
        .map(([name, value]) => ({ name, becomes: carriedTo(series, name, value) })),
    }))
    .sort((a, b) => {
      const place = a.namespace.localeCompare(b.namespace);
      return place === 0 ? a.name.localeCompare(b.name) : place;
    });
}

/** How many Ingresses have an annotation that would be lost. */
export function losers(all: readonly Migrated[]): number {
  return all.filter(({ annotations }) => annotations.some(({ becomes }) => becomes.is === "lost")).length;
}
