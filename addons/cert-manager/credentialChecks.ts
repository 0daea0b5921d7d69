import { error, warning, type Check, type Finding } from "../../config/checks/check";
import { pathText } from "../../config/problem";
import { setSecretCommand } from "../../config/schema/secretPaths";
import type { Secret } from "../../config/secret";
import { secretsOf } from "./credentials";
import { issuersOf, proofs } from "./proofs";
import type { CredentialSettings } from "./settings/credentials";

type Path = readonly string[];

/** The secrets that ACME issuers prove names with are set, and are what the provider showed. */
export const credentialSecrets: Check = (settings, { missingSecrets }) => {
  const given = [
    ...issuersOf(settings, "acme-dns01").map(([name, { tsigSecret }]) => ({
      type: "rfc2136" as const,
      path: ["issuers", name, "tsigSecret"],
      value: tsigSecret,
    })),
    ...Object.entries(settings.certificates.credentials).flatMap(([name, credentials]) =>
      secretsOf(credentials).map(({ setting, value }) => ({
        type: credentials.type,
        path: ["certificates", "credentials", name, ...setting],
        value,
      })),
    ),
  ];
  return given.flatMap(({ type, path, value }): Finding[] => {
    if (value !== undefined) return secretProblem(type, path, value);
    const remedy = `set it with: ${setSecretCommand(path)}`;
    return [{ severity: missingSecrets, path: pathText(path), problem: "is not set", remedy }];
  });
};

/** Credentials of type `other` are a Secret with something in it, under keys that a Secret may have. */
export const otherValues: Check = ({ certificates }, { missingSecrets }) =>
  Object.entries(certificates.credentials).flatMap(([name, credentials]): Finding[] => {
    if (credentials.type !== "other") return [];
    const path = ["certificates", "credentials", name, "values"];
    const keys = Object.keys(credentials.values);
    if (keys.length === 0) {
      const remedy = `set each with: ${setSecretCommand([...path, "KEY"])}`;
      return [{ severity: missingSecrets, path: pathText(path), problem: "is empty", remedy }];
    }
    return keys
      .filter((key) => !/^[-._a-zA-Z0-9]{1,253}$/.test(key))
      .map((key) =>
        error(pathText([...path, key]), "is not the key of a Secret", "write letters, digits, '-', '_' and '.'"),
      );
  });

/** Credentials that a solver names are there, and are of its type. */
export const namedCredentials: Check = (settings) => {
  const all = settings.certificates.credentials;
  return proofs(settings).flatMap(({ path, solver }): Finding[] => {
    if (solver === undefined || !("credentials" in solver) || solver.credentials === undefined) return [];
    const at = pathText([...path, "credentials"]);
    const found = Object.hasOwn(all, solver.credentials) ? all[solver.credentials] : undefined;
    if (found?.type === solver.type) return [];
    const fitting = Object.keys(all).filter((name) => all[name]?.type === solver.type);
    const there = fitting.length === 0 ? "" : `, or one of ${fitting.join(", ")}`;
    const remedy = `write them under certificates.credentials with type: ${solver.type}${there}`;
    if (found === undefined) return [error(at, `"${solver.credentials}" are no credentials of this stack`, remedy)];
    return [error(at, `"${solver.credentials}" are credentials of type ${found.type}, not ${solver.type}`, remedy)];
  });
};

/** Credentials that nothing reads are a Secret in the cluster for nothing. */
export const unusedCredentials: Check = (settings) => {
  const named = new Set(
    proofs(settings).flatMap(({ solver }) =>
      solver !== undefined && "credentials" in solver ? (solver.credentials ?? []) : [],
    ),
  );
  return Object.entries(settings.certificates.credentials)
    .filter(([name, { type }]) => type !== "other" && !named.has(name))
    .map(([name]) =>
      warning(
        pathText(["certificates", "credentials", name]),
        "is named by no solver",
        "name it in a solver of an issuer, or remove it",
      ),
    );
};

export const credentialChecks: readonly Check[] = [credentialSecrets, otherValues, namedCredentials, unusedCredentials];

/** What can be seen of a secret that is known here; its text is never shown. */
function secretProblem(type: CredentialSettings["type"], path: Path, value: Secret): Finding[] {
  if (!value.isKnown) return [];
  const text = value.reveal().trim();
  const problem = (said: string, remedy: string): Finding[] => [error(pathText(path), said, remedy)];
  switch (type) {
    case "rfc2136":
      return isBase64(text)
        ? []
        : problem(
            "is not base64",
            "set the 'secret' of the name server's key clause as it stands there, without encoding it again",
          );
    case "cloudDNS":
      return keysOf(text)?.includes("private_key") === true
        ? []
        : problem(
            "is not the key file of a service account",
            "set the whole JSON file that 'gcloud iam service-accounts keys create' wrote",
          );
    case "acmeDNS":
      return keysOf(text) !== undefined
        ? []
        : problem("is not JSON", 'set {"DOMAIN": {"username": …, "password": …, "fulldomain": …, "subdomain": …}}');
    case "other":
      return [];
    default:
      return /\s/.test(text) || text === ""
        ? problem("is empty or has a blank in it", "set it as the provider shows it, on one line")
        : [];
  }
}

function isBase64(text: string): boolean {
  return text !== "" && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

/** The keys of a JSON object; undefined for whatever else. */
function keysOf(text: string): string[] | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null && !Array.isArray(found) ? Object.keys(found) : undefined;
  } catch {
    return undefined; // not JSON
  }
}
