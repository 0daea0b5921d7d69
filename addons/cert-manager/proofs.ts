import type { Settings } from "../../config/settings";
import type { AcmeSettings, IssuerOf, IssuerSettings } from "./settings";
import type { SolverSettings } from "./settings/solvers";

/** One way in which an issuer proves names, however it was written down. */
export interface Proof {
  /** Name of the issuer. */
  readonly issuer: string;
  readonly server: string;
  /** Where it stands in the settings. */
  readonly path: readonly (string | number)[];
  readonly by: "dns01" | "http01";
  readonly zones: readonly string[];
  readonly names: readonly string[];
  readonly matchLabels: Readonly<Record<string, string>>;
  /** As an issuer of type `acme` has it; undefined for the short forms, which are a type of issuer each. */
  readonly solver: SolverSettings | undefined;
}

/** Issuers of one type, by name. */
export function issuersOf<T extends IssuerSettings["type"]>(settings: Settings, type: T): [string, IssuerOf<T>][] {
  return Object.entries(settings.issuers).filter((entry): entry is [string, IssuerOf<T>] => entry[1].type === type);
}

/** Issuers at an ACME authority, by name. */
export function acmeIssuers(settings: Settings): [string, AcmeSettings][] {
  return Object.entries(settings.issuers).filter((entry): entry is [string, AcmeSettings] => isAcme(entry[1]));
}

export function isAcme(issuer: IssuerSettings): issuer is AcmeSettings {
  return issuer.type === "acme" || issuer.type === "acme-http01" || issuer.type === "acme-dns01";
}

/** Every way of proving a name that a stack has. */
export function proofs(settings: Settings): Proof[] {
  return acmeIssuers(settings).flatMap(([name, issuer]) => proofsOf(name, issuer));
}

/** The ways of one issuer. */
export function proofsOf(name: string, issuer: AcmeSettings): Proof[] {
  const { server } = issuer;
  const own = { issuer: name, server, path: ["issuers", name], names: [], matchLabels: {}, solver: undefined };
  switch (issuer.type) {
    case "acme-http01":
      return [{ ...own, by: "http01", zones: [] }];
    case "acme-dns01":
      return [{ ...own, by: "dns01", zones: issuer.zones }];
    case "acme":
      return issuer.solvers.map((solver, index) => {
        const { zones, names, matchLabels } = solver;
        const path = [...own.path, "solvers", index];
        return { issuer: name, server, path, by: wayOf(solver), zones, names, matchLabels, solver };
      });
  }
}

/** Whether a proof is for a name of a certificate: what it says of zones, names and labels holds all at once. */
export function isFor(proof: Proof, name: string, labels: Readonly<Record<string, string>>): boolean {
  const { zones, names, matchLabels } = proof;
  return (
    (zones.length === 0 || zones.some((zone) => isWithin(name, zone))) &&
    (names.length === 0 || names.includes(name)) &&
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
  );
}

function isWithin(name: string, zone: string): boolean {
  const [inner, outer] = [name.toLowerCase(), zone.toLowerCase()];
  return inner === outer || inner.endsWith(`.${outer}`);
}

function wayOf(solver: SolverSettings): "dns01" | "http01" {
  if (solver.type === "custom") return "http01" in solver.solver ? "http01" : "dns01";
  return solver.type === "http01" || solver.type === "http01-gateway" ? "http01" : "dns01";
}
