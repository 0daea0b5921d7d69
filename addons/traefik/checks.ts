import { isDeepStrictEqual } from "node:util";
import { parseAllDocuments } from "yaml";
import { error, type Finding } from "../../config/checks/check";
import { originOf } from "../../config/origin";
import { pathText } from "../../config/problem";
import { isGroup } from "../../config/schema/secretPaths";
import type { Settings } from "../../config/settings";
import type { AddonCheck } from "../addon";
import { valueAt } from "../chartValues";
import { classNameOf, isTraefik, K3S_NAMESPACE, TRAEFIK } from "../ingress";
import { ingressSchema } from "../ingress-nginx/settings";
import { chartOfCluster, oldestKnownK3s, serverVersions, traefikChartOf } from "./charts";

/** The setting that asks for k3s's Traefik; undefined where none does. */
function wish({ ingress }: Settings): string | undefined {
  if (isTraefik(ingress)) return "ingress.controller";
  return ingress.controller === "ingress-nginx" && ingress.beside !== undefined ? "ingress.beside" : undefined;
}

/** It is k3s that installs it. */
export const broughtByK3s: AddonCheck = (settings) => {
  const path = wish(settings);
  if (path === undefined) return [];
  if (originOf(settings) === "existing") {
    return [
      error(
        path,
        "asks for the Traefik that k3s brings, and this stack does not make the cluster (cluster.kubeconfig)",
        path === "ingress.beside"
          ? "take it out"
          : "write controller: ingress-nginx, or controller: none and set the Traefik that is there yourself",
      ),
    ];
  }
  const isOff = settings.k3s.server["disable-helm-controller"] === true;
  return [
    ...(settings.k3s.disable.includes("traefik")
      ? [
          error(
            "k3s.disable",
            `names traefik, and ${path} asks for the Traefik that k3s brings`,
            "take traefik out of it",
          ),
        ]
      : []),
    ...(isOff
      ? [
          error(
            "k3s.server.disable-helm-controller",
            `is true, and ${path} asks for the Traefik that k3s installs by it`,
            "take it out",
          ),
        ]
      : []),
  ];
};

/** Names of values differ between charts, and a chart refuses those of another. */
export const knownChart: AddonCheck = (settings) => {
  const path = wish(settings);
  if (path === undefined || originOf(settings) === "existing") return [];
  return serverVersions(settings)
    .filter(({ version }) => traefikChartOf(version) === undefined)
    .map(({ path: place, version }) =>
      error(
        place,
        `${version} brings an older Traefik than ${path} can set: its chart has other names for the values`,
        `write ${oldestKnownK3s(version)} or newer, or controller: ingress-nginx`,
      ),
    );
};

/** What ingress-nginx's own settings are called in Traefik. */
const OF_NGINX = {
  version: "take it out: k3s brings the chart",
  repo: "take it out: k3s brings the chart",
  chart: "take it out: k3s brings the chart",
  timeoutSeconds: "take it out: k3s installs the chart, and 'up' does not wait for it",
  admissionWebhook: "take it out: Traefik has none",
  ocspStapling: "write ocsp: { enabled: true } in ingress.values",
  gzip: "take it out: compress is a Middleware of Traefik, named in the Ingress's annotations",
  workerProcesses: "take it out: Traefik has none",
  config: "write what is meant in ingress.values, in the names of Traefik's chart; see docs/ingress.md",
} as const;

const DEFAULTS: Readonly<Record<string, unknown>> = ingressSchema.parse({});

/** What is for the other controller is read by nobody. */
export const ofTheOther: AddonCheck = ({ ingress }) => {
  const none = (path: string, remedy: string): Finding =>
    error(path, `has no effect with controller: ${ingress.controller}`, remedy);
  if (!isTraefik(ingress)) {
    return [
      ...(ingress.nginxAnnotations
        ? [none("ingress.nginxAnnotations", "write controller: traefik, or take it out")]
        : []),
      ...(isDeepStrictEqual(ingress.gateway, DEFAULTS["gateway"])
        ? []
        : [none("ingress.gateway", "write controller: gateway, or take it out")]),
      ...(ingress.beside !== undefined && ingress.controller === "none"
        ? [none("ingress.beside", "write controller: ingress-nginx, or take it out")]
        : []),
    ];
  }
  const nginx = Object.entries(OF_NGINX).filter(
    ([key]) => !isDeepStrictEqual(ingress[key as keyof typeof OF_NGINX], DEFAULTS[key]),
  );
  return [
    ...nginx.map(([key, remedy]) => none(`ingress.${key}`, remedy)),
    ...(ingress.beside === undefined ? [] : [none("ingress.beside", "take it out: Traefik is the controller now")]),
    ...(Object.hasOwn(ingress.values, "controller")
      ? [none("ingress.values.controller", "take it out: values are those of Traefik's chart now")]
      : []),
    ...(ingress.controller === "traefik" && !isDeepStrictEqual(ingress.gateway, DEFAULTS["gateway"])
      ? [none("ingress.gateway", "write controller: gateway, or take it out")]
      : []),
    ...(ingress.controller === "gateway" && ingress.className !== undefined
      ? [none("ingress.className", "take it out: routes name the Gateway traefik-gateway in kube-system")]
      : []),
    ...(ingress.nginxAnnotations && ingress.controller === "traefik" && classNameOf(ingress) === "nginx"
      ? [
          error(
            "ingress.className",
            "is nginx, which nginxAnnotations takes for Ingresses with ingress-nginx's annotations",
            "write another name, or take it out",
          ),
        ]
      : []),
  ];
};

/** Values of Traefik's chart that a setting decides, in every chart's names. */
const DECIDED: Readonly<Record<string, string>> = {
  "deployment.kind": "kind",
  "deployment.replicas": "replicas",
  "service.type": "serviceType",
  "service.spec.type": "serviceType",
  "ports.web.hostPort": "hostPorts",
  "ports.websecure.hostPort": "hostPorts",
  "ports.web.nodePort": "nodePorts.http",
  "ports.websecure.nodePort": "nodePorts.https",
  "ingressClass.name": "className",
  "providers.kubernetesGateway.enabled": "controller",
  "providers.kubernetesIngressNGINX.enabled": "nginxAnnotations",
  "providers.kubernetesIngressNginx.enabled": "nginxAnnotations",
};

/** What a setting decides is not said otherwise in the chart's values, and no value has another chart's name. */
export const traefikDecided: AddonCheck = (settings) => {
  const { ingress } = settings;
  if (!isTraefik(ingress)) return [];
  const decided = Object.entries(DECIDED).flatMap(([value, setting]) => {
    const found = valueAt(ingress.values, value.split("."));
    if (found === undefined) return [];
    const at = pathText(["ingress", "values", ...value.split(".")]);
    return [error(at, `is decided by ingress.${setting}`, `write ingress.${setting} and leave it out of values`)];
  });
  const chart = chartOfCluster(settings);
  const [right, wrong] =
    chart === 39
      ? ["kubernetesIngressNginx", "kubernetesIngressNGINX"]
      : ["kubernetesIngressNGINX", "kubernetesIngressNginx"];
  return valueAt(ingress.values, ["providers", wrong]) === undefined
    ? decided
    : [
        ...decided,
        error(`ingress.values.providers.${wrong}`, "is no name of the chart that this k3s brings", `write ${right}`),
      ];
};

/** Listeners of the Gateway are told apart, and their certificates come from somewhere. */
export const gateway: AddonCheck = ({ ingress, issuers }) => {
  if (ingress.controller !== "gateway") return [];
  const { listeners, issuer } = ingress.gateway;
  const names = Object.entries(listeners);
  const twice = names.flatMap(([name, { hostname }], index): Finding[] => {
    const at = pathText(["ingress", "gateway", "listeners", name]);
    if (name === "web") return [error(at, "is the name of the listener for HTTP", "write another name")];
    const [first] = names.slice(0, index).filter(([, other]) => other.hostname === hostname);
    return first === undefined
      ? []
      : [error(`${at}.hostname`, `${hostname} is that of ${first[0]} too`, "give each name one listener")];
  });
  if (issuer === undefined) return twice;
  const known = Object.keys(issuers);
  return [
    ...twice,
    ...(known.includes(issuer)
      ? []
      : [
          error(
            "ingress.gateway.issuer",
            `'${issuer}' is not an issuer`,
            known.length === 0 ? "write it in issuers too" : `write ${known.join(" or ")}`,
          ),
        ]),
    ...(names.length > 0
      ? []
      : [error("ingress.gateway.issuer", "has no listener to make a certificate for", "write gateway.listeners")]),
  ];
};

/** One object says with which values k3s installs Traefik. */
export const oneChartConfig: AddonCheck = (settings) => {
  const path = wish(settings);
  if (path === undefined) return [];
  return Object.entries(settings.k3s.manifests).flatMap(([name, text]) => {
    const objects = [parseAllDocuments(text)].flat().map((each): unknown => ("toJS" in each ? each.toJS() : undefined));
    return objects.some(isChartConfig)
      ? [
          error(
            pathText(["k3s", "manifests", name]),
            `has the HelmChartConfig of Traefik, which ${path} writes`,
            "move its values to ingress.values, and take it out",
          ),
        ]
      : [];
  });
};

function isChartConfig(object: unknown): boolean {
  if (!isGroup(object) || object["kind"] !== "HelmChartConfig" || !isGroup(object["metadata"])) return false;
  return object["metadata"]["name"] === TRAEFIK && object["metadata"]["namespace"] === K3S_NAMESPACE;
}

export const traefikChecks: readonly AddonCheck[] = [
  broughtByK3s,
  knownChart,
  ofTheOther,
  traefikDecided,
  gateway,
  oneChartConfig,
];
