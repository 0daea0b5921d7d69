import { isPublicAddress, isLoopback } from "../../config/addresses";
import { error, warning, type Check, type Finding } from "../../config/checks/check";
import { pathText } from "../../config/problem";
import { apiEndpoint, hostAndPort } from "../../config/schema/scalars";
import type { Settings } from "../../config/settings";
import { classNameOf, controllerOf } from "../ingress";
import { issuersOf, proofs, type Proof } from "./proofs";
import { solverDefinition } from "./solverDefinition";

/** HTTP-01 is answered by a controller of the class that the issuer names. */
export const http01Controller: Check = (settings) => {
  const { ingress } = settings;
  return throughIngress(settings).flatMap(({ word, at, className }) => {
    const own = controllerOf(ingress);
    if (own?.gateway !== undefined) {
      const { name, namespace } = own.gateway;
      // The short form is made for the Gateway, see issuers.ts.
      if (word === "acme-http01") return [];
      return [
        error(
          at,
          "http01 is answered through an Ingress, and with ingress.controller: gateway nobody answers Ingresses",
          `write type: http01-gateway with parentRefs: [{ name: ${name}, namespace: ${namespace} }], or an issuer of type acme-http01, which does the same`,
        ),
      ];
    }
    if (own?.className !== undefined && className === own.className) return [];
    if (className === "traefik" && hasTraefik(settings)) return [];
    if (className !== "nginx" && className !== "traefik") {
      return [
        warning(
          at,
          `${word} is answered by the ingress class '${className}', which is not installed from here`,
          "see to it that the class exists",
        ),
      ];
    }
    return [
      error(
        at,
        `${word} is answered by the ingress class '${className}', and no controller of it is installed`,
        "write ingress.controller: ingress-nginx, or ingress.className with the class that you bring",
      ),
    ];
  });
};

/** Let's Encrypt asks on port 80 and nowhere else (letsencrypt.org/docs/challenge-types). */
export const http01Port: Check = (settings) => {
  const [first] = throughIngress(settings);
  const { ingress } = settings;
  if (first === undefined || ingress.controller === "none" || ingress.hostPorts || ingress.serviceType !== "NodePort") {
    return [];
  }
  return [
    warning(
      first.at,
      `${first.word} is asked on port 80, and the ingress listens on node port ${ingress.nodePorts?.http ?? "of its own"}`,
      "see to it that port 80 of the site is passed on to it",
    ),
  ];
};

/** cert-manager does not start with its Gateway support on where the Gateway API has no definitions. */
export const gatewayApi: Check = (settings) => {
  const first = proofs(settings).find(({ solver }) => solver?.type === "http01-gateway");
  if (first === undefined || hasTraefik(settings)) return [];
  return [
    warning(
      pathText([...first.path, "type"]),
      "needs the definitions of the Gateway API, without which cert-manager does not start",
      "see to it that they and the Gateway are in the cluster first",
    ),
  ];
};

/** RFC 2136 updates go to one name server. */
export const dns01Nameserver: Check = (settings) => {
  const named = [
    ...issuersOf(settings, "acme-dns01").map(([name, { nameserver }]) => ({ path: ["issuers", name], nameserver })),
    ...proofs(settings).flatMap(({ path, solver }) =>
      solver?.type === "rfc2136" ? [{ path, nameserver: solver.nameserver }] : [],
    ),
  ];
  return named.flatMap(({ path, nameserver }): Finding[] => {
    const at = pathText([...path, "nameserver"]);
    const remedy =
      "write the name server's name or address, with or without port, e.g. 192.0.2.53:53 or ns1.example.org";
    if (!apiEndpoint.safeParse(nameserver).success) {
      return [error(at, `"${nameserver}" is neither a name nor an address`, remedy)];
    }
    if (!isLoopback(hostAndPort(nameserver)?.host ?? "")) return [];
    return [error(at, `${nameserver} is a loopback address: in a pod it is the pod itself`, remedy)];
  });
};

/** The self-check of DNS-01 asks the world where the site's own resolver may answer differently (cert-manager#903). */
export const dns01SelfCheck: Check = (settings) => {
  const { dns, certificates } = settings;
  const isByDns = proofs(settings).some(({ by }) => by === "dns01");
  if (!isByDns || certificates.dns01Nameservers.length > 0) return [];
  if (dns.upstream === undefined || dns.upstream.some(isPublicAddress)) return [];
  return [
    warning(
      "certificates.dns01Nameservers",
      "is empty, so cert-manager looks for its DNS-01 records at the site's own resolvers (dns.upstream)",
      'write resolvers that answer for the world, e.g. ["8.8.8.8:53", "1.1.1.1:53"], unless the site\'s answer the same',
    ),
  ];
};

/** Azure knows a caller in one way only (cert-manager's own validation). */
export const azureIdentity: Check = (settings) =>
  proofs(settings).flatMap(({ path, solver }): Finding[] => {
    if (solver?.type !== "azureDNS" || solver.managedIdentity === undefined) return [];
    const at = pathText([...path, "managedIdentity"]);
    const { clientID, resourceID } = solver.managedIdentity;
    if (solver.credentials !== undefined) {
      return [error(at, "has no effect beside credentials", "take one of the two out")];
    }
    if (clientID === undefined || resourceID === undefined) return [];
    return [error(at, "has clientID and resourceID", "take one of the two out")];
  });

/** A custom solver is what cert-manager's definition says. */
export const customSolvers: Check = (settings) =>
  proofs(settings).flatMap(({ path, solver }): Finding[] => {
    if (solver?.type !== "custom") return [];
    const own = [...path, "solver"];
    const { selector, ...rest } = solver.solver;
    const beside =
      selector === undefined
        ? []
        : [
            error(
              pathText([...own, "selector"]),
              "is given twice over",
              "write zones, names and matchLabels beside it",
            ),
          ];
    const issues = solverDefinition.safeParse(rest).error?.issues ?? [];
    return [
      ...beside,
      ...issues.flatMap((issue): Finding[] => {
        const at = [...own, ...issue.path.map((step) => (typeof step === "number" ? step : String(step)))];
        if (issue.code === "unrecognized_keys") {
          return issue.keys.map((key) =>
            error(pathText([...at, key]), "is nothing that cert-manager knows", `see ${REFERENCE}`),
          );
        }
        if (issue.code === "custom") {
          const [problem = "", remedy = ""] = issue.message.split("; ");
          return [error(pathText(at), problem, remedy)];
        }
        const said = issue.code === "invalid_type" ? `is missing or is not ${issue.expected}` : issue.message;
        return [error(pathText(at), said, `see ${REFERENCE}`)];
      }),
    ];
  });

const REFERENCE = "https://cert-manager.io/docs/reference/api-docs/#acme.cert-manager.io/v1.ACMEChallengeSolver";

export const solverChecks: readonly Check[] = [
  http01Controller,
  http01Port,
  gatewayApi,
  dns01Nameserver,
  azureIdentity,
  customSolvers,
  dns01SelfCheck,
];

function hasTraefik({ k3s }: Settings): boolean {
  return !k3s.disable.includes("traefik");
}

/** Proofs through an Ingress, with what a message calls them, where they stand and the class that answers. */
function throughIngress(settings: Settings): { word: string; at: string; className: string }[] {
  const all = proofs(settings).filter(
    ({ by, solver }) => by === "http01" && (solver ?? { type: "http01" }).type === "http01",
  );
  return all.map(({ path, solver }: Proof) => ({
    word: solver === undefined ? "acme-http01" : "http01",
    at: pathText([...path, "type"]),
    className: (solver?.type === "http01" ? solver.ingressClassName : undefined) ?? classNameOf(settings.ingress),
  }));
}
