import { familiesOf, type OneOrTwo } from "../../config/addresses";
import { classNameOf, traefikTolerations } from "../ingress";
import type { IngressSettings } from "../ingress-nginx/settings";
import type { HelmValues } from "../mergeValues";
import type { TraefikChart } from "./charts";

/** What Traefik's values depend on besides the ingress's own settings. */
export interface TraefikContext {
  readonly chart: TraefikChart;
  /** Addresses of services (`network.serviceCidr`). */
  readonly serviceCidr: OneOrTwo;
}

/** Ports of the pods' entry points, which listeners of a Gateway name (the chart's `ports`). */
const ENTRY_POINTS = { web: 8000, websecure: 8443 } as const;

/** Values of Traefik's chart 39 to 41, laid over those of k3s by a HelmChartConfig. */
export function traefikValues(ingress: IngressSettings, { chart, serviceCidr }: TraefikContext): HelmValues {
  const { kind, replicas, hostPorts, nodePorts, tolerations, serviceType, externalTrafficPolicy } = ingress;
  const isGateway = ingress.controller === "gateway";
  const outside = serviceType !== "ClusterIP";
  return {
    deployment: { kind, ...(kind === "Deployment" ? { replicas } : {}) },
    ...(hostPorts ? ports("hostPort", { http: 80, https: 443 }) : {}),
    ...(outside && nodePorts !== undefined ? ports("nodePort", nodePorts) : {}),
    ...updateStrategy(ingress),
    ...(tolerations.length === 0 ? {} : { tolerations: traefikTolerations(ingress) }),
    service: service(chart, serviceType, {
      // The API server refuses a traffic policy on a service that is not reached from outside.
      ...(outside ? { externalTrafficPolicy } : {}),
      ...families(serviceCidr),
    }),
    ingressClass: isGateway ? { enabled: false } : { name: classNameOf(ingress) },
    providers: {
      ...(isGateway ? { kubernetesIngress: { enabled: false }, kubernetesGateway: { enabled: true } } : {}),
      ...(ingress.nginxAnnotations ? annotations(chart, { publishService: { enabled: true } }) : {}),
    },
    ...(isGateway ? { gateway: gateway(ingress.gateway) } : {}),
  };
}

/**
 * Values of a Traefik beside ingress-nginx: on node ports of its own, for the same Ingresses. It leaves their status alone, which
 * both controllers would write over and over, and no Ingress without a class becomes its own.
 */
export function traefikBeside(
  beside: NonNullable<IngressSettings["beside"]>,
  { chart, serviceCidr }: TraefikContext,
): HelmValues {
  return {
    ...ports("nodePort", beside),
    service: service(chart, "NodePort", { externalTrafficPolicy: "Cluster", ...families(serviceCidr) }),
    ingressClass: { isDefaultClass: false },
    providers: annotations(chart),
  };
}

/** The provider that reads ingress-nginx's annotations, by the name that the chart has for it. */
function annotations(chart: TraefikChart, more: HelmValues = {}): HelmValues {
  return { [chart === 39 ? "kubernetesIngressNginx" : "kubernetesIngressNGINX"]: { enabled: true, ...more } };
}

/** From chart 40 on the service has Kubernetes' own fields under `spec`; before, its type and addresses stand beside it. */
function service(chart: TraefikChart, type: string, spec: HelmValues): HelmValues {
  if (chart !== 39) return { spec: { type, ...spec } };
  const { ipFamilies, ipFamilyPolicy, ...rest } = spec;
  return {
    type,
    ...(ipFamilies === undefined ? {} : { ipFamilies }),
    ...(ipFamilyPolicy === undefined ? {} : { ipFamilyPolicy }),
    ...(Object.keys(rest).length === 0 ? {} : { spec: rest }),
  };
}

/** k3s asks for both kinds of addresses where there are both (manifests/traefik.yaml); a cluster with IPv6 first is told the order. */
function families(serviceCidr: OneOrTwo): HelmValues {
  const all = familiesOf(serviceCidr).map((family) => `IPv${family}`);
  return {
    ...(all.length > 1 ? { ipFamilyPolicy: "PreferDualStack" } : {}),
    ...(all.includes("IPv6") ? { ipFamilies: all } : {}),
  };
}

function ports(
  field: "hostPort" | "nodePort",
  { http, https }: { readonly http?: number | undefined; readonly https?: number | undefined },
): HelmValues {
  return {
    ports: {
      ...(http === undefined ? {} : { web: { [field]: http } }),
      ...(https === undefined ? {} : { websecure: { [field]: https } }),
    },
  };
}

/** With host ports a new pod cannot start beside the old one on its node: the old one goes first, one at a time. */
function updateStrategy({ kind, hostPorts }: IngressSettings): HelmValues {
  if (kind !== "DaemonSet" && !hostPorts) return {};
  return { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } } };
}

/** The Gateway: HTTP for every name, and HTTPS for each that has a certificate; routes of every namespace may use it. */
function gateway({ listeners, issuer }: IngressSettings["gateway"]): HelmValues {
  const namespacePolicy = { from: "All" };
  const https = Object.entries(listeners).map(([name, { hostname, secret }]) => [
    name,
    {
      port: ENTRY_POINTS.websecure,
      protocol: "HTTPS",
      hostname,
      certificateRefs: [{ kind: "Secret", name: secret ?? `${name}-tls` }],
      namespacePolicy,
    },
  ]);
  return {
    ...(issuer === undefined ? {} : { annotations: { "cert-manager.io/cluster-issuer": issuer } }),
    listeners: {
      web: { port: ENTRY_POINTS.web, protocol: "HTTP", namespacePolicy },
      ...(Object.fromEntries(https) as HelmValues),
    },
  };
}
