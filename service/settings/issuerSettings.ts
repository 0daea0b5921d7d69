import { z } from "zod";
import { GroundworkError } from "../../config/groundworkError";
import { pathText, type Problem } from "../../config/problem";
import { parseGrant, type Grant } from "../access/grants";
import type { ClaimPattern } from "../access/claims";
import { isLoopback } from "./loopback";

/** Signatures that only the issuer's private key can make. With HS* whoever can verify a token could make one as well. */
const ALGORITHMS = [
  ...(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const),
  ...(["ES256", "ES384", "ES512", "EdDSA"] as const),
] as const;

const value = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const pattern = z.union([value, z.strictObject({ glob: z.string().min(1).max(500) })]);

const grantSchema = z.strictObject({
  claims: z
    .record(z.string().min(1), z.union([pattern, z.array(pattern).min(1)]))
    .refine((claims) => Object.keys(claims).length > 0, "names no claim, so that every token of the issuer would do"),
  allow: z.array(z.string()).min(1),
});

export const issuersSchema = z
  .array(
    z.strictObject({
      issuer: z.string().min(1),
      audience: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
      jwksUri: z.string().min(1).optional(),
      algorithms: z
        .array(z.enum(ALGORITHMS))
        .min(1)
        .default([...ALGORITHMS]),
      maxAgeMinutes: z.number().int().min(1).max(1440).default(60),
      grants: z.array(grantSchema).min(1),
    }),
  )
  .default([]);

/** What a token with such claims may do. */
export interface ClaimGrant {
  /** Each claim by its name, or by a JSON Pointer (RFC 6901) into it, with what it may be. */
  readonly claims: ReadonlyMap<string, readonly ClaimPattern[]>;
  readonly grants: readonly Grant[];
}

/** An issuer whose tokens the service takes, beside its own. */
export interface TrustedIssuer {
  /** As it stands in `iss`, letter by letter. */
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Where its keys are; undefined: where its discovery document says. */
  readonly jwksUri: string | undefined;
  readonly algorithms: readonly string[];
  /** A token that was issued before that is refused, however long it calls itself valid. */
  readonly maxAgeMinutes: number;
  readonly grants: readonly ClaimGrant[];
}

/** The issuers of a service's file, and what is wrong with them. */
export function completeIssuers(
  given: z.output<typeof issuersSchema>,
  stacks: ReadonlySet<string>,
): { readonly issuers: readonly TrustedIssuer[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const issuers = given.map(({ issuer, audience, jwksUri, grants, ...others }, at) => {
    const path = ["oidc", at] as const;
    problems.push(...urlProblems([...path, "issuer"], issuer));
    if (jwksUri !== undefined) problems.push(...urlProblems([...path, "jwksUri"], jwksUri));
    if (given.findIndex((other) => other.issuer === issuer) < at) {
      const remedy = "write each issuer once, with all of its grants";
      problems.push({ path: pathText([...path, "issuer"]), problem: "is there already", remedy });
    }
    return {
      ...others,
      issuer,
      audiences: typeof audience === "string" ? [audience] : audience,
      jwksUri,
      grants: grants.map(({ claims, allow }, number) => {
        const here = [...path, "grants", number];
        const patterns = new Map(
          Object.entries(claims).map(([name, wanted]) => [name, Array.isArray(wanted) ? wanted : [wanted]]),
        );
        problems.push(...ownerProblems([...here, "claims"], issuer, patterns));
        const read = allow.map((text, word) => grantOf([...here, "allow", word], text, stacks));
        problems.push(...read.flatMap((one) => ("problem" in one ? [one.problem] : [])));
        return { claims: patterns, grants: read.flatMap((one) => ("grant" in one ? [one.grant] : [])) };
      }),
    };
  });
  return { issuers, problems };
}

/** Whether keys may be taken from there: by https, or from this machine. */
export function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.username !== "" || url.password !== "" || url.hash !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}

function urlProblems(path: readonly (string | number)[], text: string): Problem[] {
  if (isSafeUrl(text)) return [];
  const remedy = "write https://…; http is for 127.0.0.1 only, since whoever can change the answer could make tokens";
  return [{ path: pathText(path), problem: `is '${text}', which is no https address`, remedy }];
}

/** Issuers of everybody, and the claims that say whose a token is. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  "https://token.actions.githubusercontent.com": [
    ...["sub", "repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref"],
  ],
  "https://gitlab.com": ["sub", "project_path", "project_id", "namespace_path", "namespace_id"],
};

/** Anybody can have a token of a shared issuer, for any audience, with any name of a branch. */
function ownerProblems(
  path: readonly (string | number)[],
  issuer: string,
  claims: ReadonlyMap<string, readonly ClaimPattern[]>,
): Problem[] {
  const owners = SHARED[issuer.replace(/\/$/, "")];
  if (owners === undefined) return [];
  const isOwned = owners.some((name) => {
    const wanted = claims.get(name) ?? [];
    return wanted.length > 0 && wanted.every((one) => typeof one === "string" || /^[^*]*\//.test(one.glob));
  });
  if (isOwned) return [];
  const remedy = `add one of ${owners.join(", ")}, with a glob only behind the owner, such as acme/*`;
  return [{ path: pathText(path), problem: "would take tokens of everybody who has an account there", remedy }];
}

function grantOf(
  path: readonly (string | number)[],
  text: string,
  stacks: ReadonlySet<string>,
): { readonly grant: Grant } | { readonly problem: Problem } {
  const at = pathText(path);
  try {
    const grant = parseGrant(text);
    if (grant.stack === "*" || stacks.has(grant.stack)) return { grant };
    const remedy = `name one of ${[...stacks].join(", ")}, or *`;
    return { problem: { path: at, problem: `names stack '${grant.stack}', which the service does not have`, remedy } };
  } catch (error) {
    if (!GroundworkError.isInstance(error)) throw error;
    return { problem: { path: at, problem: `is not right: ${error.message}`, remedy: error.remedy } };
  }
}
