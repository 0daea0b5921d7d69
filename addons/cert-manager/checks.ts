import { X509Certificate } from "node:crypto";
import { addressAndPort, hostPort, isLoopback, isPublicAddress } from "../../config/addresses";
import { pathText } from "../../config/problem";
import { setSecretCommand } from "../../config/schema/secretPaths";
import type { Settings } from "../../config/settings";
import { error, warning, type Check, type Finding } from "../../config/checks/check";
import type { IssuerSettings } from "./settings";

type IssuerOf<T extends IssuerSettings["type"]> = Extract<IssuerSettings, { type: T }>;

/** Issuers are cert-manager's. */
export const certManagerThere: Check = ({ issuers, certificates }) =>
  Object.keys(issuers).length > 0 && !certificates.certManager
    ? [error("issuers", "are objects of cert-manager, which is not installed", "write certificates.certManager: true")]
    : [];

/** Let's Encrypt writes to somebody. */
export const acmeEmail: Check = ({ issuers, certificates }) =>
  Object.entries(issuers).flatMap(([name, issuer]) =>
    issuer.type === "ca" || (issuer.email ?? certificates.email) !== undefined
      ? []
      : [
          error(
            pathText(["issuers", name, "email"]),
            "is missing, and so is certificates.email",
            "write the address that Let's Encrypt sends notices to",
          ),
        ],
  );

/** Domains of examples, whose addresses Let's Encrypt refuses (letsencrypt/boulder, policy: forbiddenMailDomains). */
const EXAMPLE_DOMAINS = ["example.com", "example.net", "example.org"];

/** Let's Encrypt takes the address that it would write to. */
export const realEmail: Check = ({ issuers, certificates }) => {
  const used = Object.entries(issuers).flatMap(([name, issuer]): [path: string, email: string | undefined][] => {
    if (issuer.type === "ca") return [];
    const own = pathText(["issuers", name, "email"]);
    return [issuer.email === undefined ? ["certificates.email", certificates.email] : [own, issuer.email]];
  });
  return [...new Map(used)]
    .filter(([, email]) => EXAMPLE_DOMAINS.includes(email?.split("@")[1]?.toLowerCase() ?? ""))
    .map(([path, email]) =>
      error(path, `${email} is an address of an example, which Let's Encrypt refuses`, "write one that is read"),
    );
};

/** A zone is at least a name below a top-level domain: an issuer for any other never answers. */
export const zones: Check = (settings) =>
  issuersOf(settings, "acme-dns01").flatMap(([name, issuer]) =>
    issuer.zones.flatMap((zone, index) =>
      zone.includes(".")
        ? []
        : [
            error(
              pathText(["issuers", name, "zones", index]),
              `"${zone}" is not a zone that Let's Encrypt gives certificates for`,
              "write its whole name, e.g. home.example.org",
            ),
          ],
    ),
  );

/** HTTP-01 is answered by a controller of the class that the issuer names. */
export const http01Controller: Check = (settings) => {
  const { ingress, k3s } = settings;
  if (ingress.controller !== "none") return [];
  return issuersOf(settings, "acme-http01").flatMap(([name]) => {
    const path = pathText(["issuers", name, "type"]);
    if (ingress.className === "traefik" && !k3s.disable.includes("traefik")) return [];
    if (ingress.className !== "nginx" && ingress.className !== "traefik") {
      return [
        warning(
          path,
          `acme-http01 is answered by the ingress class '${ingress.className}', which is not installed from here`,
          "see to it that the class exists",
        ),
      ];
    }
    return [
      error(
        path,
        `acme-http01 is answered by the ingress class '${ingress.className}', and no controller of it is installed`,
        "write ingress.controller: ingress-nginx, or ingress.className with the class that you bring",
      ),
    ];
  });
};

/** Let's Encrypt asks on port 80 and nowhere else (letsencrypt.org/docs/challenge-types). */
export const http01Port: Check = (settings) => {
  const [first] = issuersOf(settings, "acme-http01");
  const { ingress } = settings;
  if (first === undefined || ingress.controller === "none" || ingress.hostPorts || ingress.serviceType !== "NodePort") {
    return [];
  }
  return [
    warning(
      pathText(["issuers", first[0], "type"]),
      `acme-http01 is asked on port 80, and the ingress listens on node port ${ingress.nodePorts?.http ?? "of its own"}`,
      "see to it that port 80 of the site is passed on to it",
    ),
  ];
};

/** RFC 2136 updates go to an IP address: cert-manager takes no name there. */
export const dns01Nameserver: Check = (settings) =>
  issuersOf(settings, "acme-dns01").flatMap(([name, issuer]) =>
    addressAndPort(issuer.nameserver) !== undefined
      ? []
      : [
          error(
            pathText(["issuers", name, "nameserver"]),
            `"${issuer.nameserver}" is not an IP address`,
            "write the name server's address, with or without port, e.g. 192.0.2.53:53",
          ),
        ],
  );

/** The TSIG secret is set, and is the text that the name server shows. */
export const tsigSecret: Check = (settings, { missingSecrets }) =>
  issuersOf(settings, "acme-dns01").flatMap(([name, { tsigSecret: key }]): Finding[] => {
    const path = ["issuers", name, "tsigSecret"];
    if (key === undefined) {
      return [
        {
          severity: missingSecrets,
          path: pathText(path),
          problem: "is not set",
          remedy: `set it with: ${setSecretCommand(path)}`,
        },
      ];
    }
    if (!key.isKnown || isBase64(key.reveal().trim())) return [];
    return [
      error(
        pathText(path),
        "is not base64",
        "set the 'secret' of the name server's key clause as it stands there, without encoding it again",
      ),
    ];
  });

/** The self-check of DNS-01 asks the world where the site's own resolver may answer differently (cert-manager#903). */
export const dns01SelfCheck: Check = (settings) => {
  const { dns, certificates } = settings;
  if (issuersOf(settings, "acme-dns01").length === 0 || certificates.dns01Nameservers.length > 0) return [];
  if (dns.upstream === undefined || dns.upstream.some(isPublicAddress)) return [];
  return [
    warning(
      "certificates.dns01Nameservers",
      "is empty, so cert-manager looks for its DNS-01 records at the site's own resolvers (dns.upstream)",
      'write resolvers that answer for the world, e.g. ["8.8.8.8:53", "1.1.1.1:53"], unless the site\'s answer the same',
    ),
  ];
};

/** A certificate authority that is brought along has both halves. */
export const caPair: Check = (settings, { missingSecrets }) =>
  issuersOf(settings, "ca").flatMap(([name, { certificate, privateKey }]): Finding[] => {
    const keyPath = ["issuers", name, "privateKey"];
    const certificatePath = pathText(["issuers", name, "certificate"]);
    if (certificate === undefined && privateKey !== undefined) {
      return [
        error(
          certificatePath,
          "is missing, but privateKey is set",
          "write the authority's certificate (PEM), or remove the key to have an authority made",
        ),
      ];
    }
    if (certificate === undefined) return [];
    if (!isCertificate(certificate)) {
      return [error(certificatePath, "is not a certificate", "write it in PEM: -----BEGIN CERTIFICATE-----")];
    }
    if (privateKey !== undefined) return [];
    return [
      {
        severity: missingSecrets,
        path: pathText(keyPath),
        problem: "is not set, but certificate is",
        remedy: `set it with: ${setSecretCommand(keyPath)}`,
      },
    ];
  });

/** An authority made in the cluster has a self-signed issuer beside it, under a name of its own. */
export const helperNames: Check = (settings) =>
  issuersOf(settings, "ca")
    .map(([name]) => [name, `${name}-selfsigned`] as const)
    .filter(([, helper]) => Object.hasOwn(settings.issuers, helper))
    .map(([name, helper]) =>
      error(
        pathText(["issuers", helper]),
        `is the name of a helper of issuer '${name}'`,
        "give the issuer another name",
      ),
    );

/** cert-manager refuses a resolver without a port. */
export const selfCheckResolvers: Check = ({ certificates }) =>
  certificates.dns01Nameservers.flatMap((text, index) => {
    const path = `certificates.dns01Nameservers[${index}]`;
    if (text.startsWith("https://")) return [];
    const plain = addressAndPort(text);
    if (plain !== undefined && isLoopback(plain.address)) {
      return [
        error(
          path,
          `${text} is a loopback address: in a pod it is the pod itself`,
          "write a resolver that answers for the world, e.g. 1.1.1.1:53",
        ),
      ];
    }
    if (plain !== undefined && plain.port === undefined) {
      return [error(path, `${text} has no port`, `write ${hostPort(plain.address, 53)}`)];
    }
    return /^(\[[^\]]+\]|[^:\s]+):\d{1,5}$/.test(text)
      ? []
      : [error(path, `"${text}" is not a resolver`, "write its address and port, e.g. 8.8.8.8:53")];
  });

export const certManagerChecks: readonly Check[] = [
  selfCheckResolvers,
  helperNames,
  certManagerThere,
  acmeEmail,
  realEmail,
  zones,
  http01Controller,
  http01Port,
  dns01Nameserver,
  tsigSecret,
  dns01SelfCheck,
  caPair,
];

function issuersOf<T extends IssuerSettings["type"]>(settings: Settings, type: T): [string, IssuerOf<T>][] {
  return Object.entries(settings.issuers).filter((entry): entry is [string, IssuerOf<T>] => entry[1].type === type);
}

function isBase64(text: string): boolean {
  return text !== "" && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}
