import { GroundworkError } from "../../config/groundworkError";
import type { Settings } from "../../config/settings";
import { teamAccount } from "../../desired/namespaceAccess";

/** Whose kubeconfig is wanted. */
export interface TeamRequest {
  readonly team: string;
  /** Needed where the team works in several. */
  readonly namespace?: string | undefined;
  /** How long its token is to live. */
  readonly seconds: number;
}

/** A service account in a namespace. */
export interface TeamAccount {
  readonly namespace: string;
  readonly account: string;
}

/**
 * The team's service account.
 *
 * @throws GroundworkError where the stack has no such team, or it is in several namespaces and none was named.
 */
export function accountOf({ namespaces }: Pick<Settings, "namespaces">, request: TeamRequest): TeamAccount {
  const { team, namespace } = request;
  const teams = Object.entries(namespaces).flatMap(([name, { access }]) =>
    Object.keys(access).map((each) => ({ team: each, namespace: name })),
  );
  const own = teams.filter((each) => each.team === team).map((each) => each.namespace);
  if (own.length === 0) {
    const known = [...new Set(teams.map((each) => each.team))];
    throw new GroundworkError("usage", `the stack has no team '${team}'`, {
      remedy:
        known.length === 0
          ? `write one under namespaces.NAME.access, e.g. ${team}: { role: edit }, and run 'pulumi up'`
          : `its teams are ${known.join(", ")}`,
    });
  }
  const [only, ...others] = own;
  if (namespace === undefined && others.length > 0) {
    throw new GroundworkError("usage", `team '${team}' is in several namespaces: ${own.join(", ")}`, {
      remedy: "name one with --namespace; each has a kubeconfig of its own",
    });
  }
  const found = namespace ?? only ?? "";
  if (!own.includes(found)) {
    throw new GroundworkError("usage", `team '${team}' is not in the namespace '${found}'`, {
      remedy: `it is in ${own.join(", ")}`,
    });
  }
  return { namespace: found, account: teamAccount(team) };
}

/** The API gives no token of less (kubernetes: pkg/apis/authentication/validation). */
const SHORTEST = 600;
const LONGEST = 366 * 86_400;
const UNITS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };

/** Seconds of `30m`, `8h` or `7d`. @throws GroundworkError for what is none, or too short or too long. */
export function lifeInSeconds(text: string): number {
  const [, number = "", unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const seconds = Number(number) * (UNITS[unit] ?? 0);
  if (unit !== "" && seconds >= SHORTEST && seconds <= LONGEST) return seconds;
  throw new GroundworkError("usage", `--duration ${text}: no life of a token`, {
    remedy: "write one like 30m, 8h or 7d, from 10m to 366d",
  });
}
