import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { GroundworkError } from "../../config/groundworkError";
import { pathText, problemLine, type Problem } from "../../config/problem";
import { databaseSchema, readDatabase, type DatabaseSettings } from "./database";
import { completeFleets, fleetsSchema, type Fleet } from "./fleetSettings";
import { completeIssuers, issuersSchema, type TrustedIssuer } from "./issuerSettings";
import { isLoopback } from "./loopback";

const path = z.string().min(1);

const stackSchema = z.strictObject({
  /** Directory with Pulumi.yaml and the stack's file; relative ones start at the service's file. */
  project: path,
  backendUrl: z.string().min(1),
  /** Its content is the stack's passphrase; read by a run when it begins. */
  passphraseFile: path.optional(),
  secretsProvider: z.string().min(1).optional(),
  pulumiHome: path.optional(),
});

const schema = z.strictObject({
  directory: path,
  listen: z
    .strictObject({
      host: z.string().min(1).default("127.0.0.1"),
      port: z.number().int().min(0).max(65535).default(8411),
      tls: z.strictObject({ certificate: path, key: path }).optional(),
    })
    .prefault({}),
  runsAtOnce: z.number().int().min(1).max(64).default(2),
  requestsPerMinute: z.number().int().min(1).default(600),
  stopSeconds: z.number().int().min(0).max(86_400).default(20),
  keepDays: z.number().int().min(1).default(90),
  database: databaseSchema.optional(),
  stacks: z
    .record(z.string().regex(/^([\w-]+\/)?[A-Za-z0-9][\w.-]{0,99}$/, "is not a stack's name"), stackSchema)
    .refine((stacks) => Object.keys(stacks).length > 0, "has no stack"),
  oidc: issuersSchema,
  fleets: fleetsSchema,
});

/** A stack as the operator has it: what a run needs to reach it. No secret is in it. */
export interface ServedStack {
  readonly name: string;
  readonly project: string;
  readonly backendUrl: string;
  readonly passphraseFile: string | undefined;
  readonly secretsProvider: string | undefined;
  readonly pulumiHome: string | undefined;
}

/** The service's file, complete: every default is filled in and every path is absolute. */
export interface ServiceSettings {
  readonly directory: string;
  readonly listen: {
    readonly host: string;
    readonly port: number;
    readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  };
  readonly runsAtOnce: number;
  readonly requestsPerMinute: number;
  readonly stopSeconds: number;
  readonly keepDays: number;
  /** Undefined: the record is SQLite in `directory`, and this service's alone. */
  readonly database: DatabaseSettings | undefined;
  readonly stacks: ReadonlyMap<string, ServedStack>;
  /** Whose tokens are taken beside the service's own. */
  readonly oidc: readonly TrustedIssuer[];
  /** Stacks that are changed together, by the fleet's name. */
  readonly fleets: ReadonlyMap<string, Fleet>;
}

/**
 * @param environment Of it, `DATABASE_URL` counts.
 * @throws GroundworkError `invalid-settings` with every problem of the file.
 */
export function readServiceFile(
  file: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): ServiceSettings {
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new GroundworkError("usage", `${file} cannot be read: ${reason}`, {
      remedy: "name the service's file with --config; docs/service.md shows one",
    });
  }
  const { success, data, error } = schema.safeParse(content);
  if (!success) throw invalid(file, error.issues.flatMap(problemsOf));
  const base = dirname(resolve(file));
  const urlFile = data.database?.urlFile === undefined ? undefined : resolve(base, data.database.urlFile);
  const { goneSeconds } = data.database ?? databaseSchema.parse({});
  const read = readDatabase({ urlFile, goneSeconds, fromEnvironment: environment["DATABASE_URL"] });
  const names = Object.keys(data.stacks);
  const { issuers: oidc, problems: issuerProblems } = completeIssuers(data.oidc, new Set(names));
  const { fleets, problems: fleetProblems } = completeFleets(data.fleets, names);
  const settings = { ...complete(data, base), database: read.database, oidc, fleets };
  const problems = [
    ...(urlFile === undefined ? [] : fileProblems("database.urlFile", urlFile)),
    ...read.problems,
    ...listenProblems(settings),
    ...[...settings.stacks.values()].flatMap(stackProblems),
    ...issuerProblems,
    ...fleetProblems,
  ];
  if (problems.length > 0) throw invalid(file, problems);
  return settings;
}

function complete(data: z.output<typeof schema>, base: string): Omit<ServiceSettings, "database" | "oidc" | "fleets"> {
  const at = (given: string): string => (isAbsolute(given) ? given : join(base, given));
  const { tls } = data.listen;
  const { runsAtOnce, requestsPerMinute, stopSeconds, keepDays } = data;
  return {
    ...{ runsAtOnce, requestsPerMinute, stopSeconds, keepDays },
    directory: at(data.directory),
    listen: {
      ...data.listen,
      tls: tls === undefined ? undefined : { certificate: at(tls.certificate), key: at(tls.key) },
    },
    stacks: new Map(
      Object.entries(data.stacks).map(([name, stack]) => [
        name,
        {
          name,
          project: at(stack.project),
          backendUrl: stack.backendUrl,
          passphraseFile: stack.passphraseFile === undefined ? undefined : at(stack.passphraseFile),
          secretsProvider: stack.secretsProvider,
          pulumiHome: stack.pulumiHome === undefined ? undefined : at(stack.pulumiHome),
        },
      ]),
    ),
  };
}

function listenProblems({ listen: { host, tls } }: ServiceSettings): Problem[] {
  if (tls === undefined) {
    if (isLoopback(host)) return [];
    const problem = `is ${host}, which other machines reach, and tokens would go there in plain text`;
    return [{ path: "listen.host", problem, remedy: "set listen.tls, or listen on 127.0.0.1 behind a proxy with TLS" }];
  }
  return Object.entries(tls).flatMap(([key, file]) => fileProblems(`listen.tls.${key}`, file));
}

function stackProblems(stack: ServedStack): Problem[] {
  const at = (field: string): string => pathText(["stacks", stack.name, field]);
  const file = join(stack.project, `Pulumi.${stack.name.split("/").at(-1) ?? ""}.yaml`);
  const problems: Problem[] = [];
  if (!existsSync(file)) {
    const remedy = "name the directory that has the project's Pulumi.yaml and the stacks' files";
    problems.push({ path: at("project"), problem: `has no ${file}`, remedy });
  }
  if (stack.passphraseFile !== undefined) {
    if (stack.secretsProvider !== undefined) {
      problems.push({
        path: at("secretsProvider"),
        problem: "is given besides a passphrase",
        remedy: "give one of them",
      });
    }
    problems.push(...fileProblems(at("passphraseFile"), stack.passphraseFile));
  }
  return problems;
}

/** What is wrong with a file that has a secret in it. */
function fileProblems(path: string, file: string): Problem[] {
  if (!existsSync(file)) {
    return [{ path, problem: `names ${file}, which is not there`, remedy: "write it, or mount it" }];
  }
  const isOpen = path.endsWith("certificate") ? false : (statSync(file).mode & 0o007) !== 0;
  if (!isOpen) return [];
  return [{ path, problem: `names ${file}, which everybody on this machine may read`, remedy: `chmod 600 ${file}` }];
}

function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  const at = issue.path as (string | number)[];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: pathText([...at, key]),
      problem: "is not a setting of the service",
      remedy: "look for a typing error; docs/service.md has all settings",
    }));
  }
  const isMissing = issue.code === "invalid_type" && issue.message.endsWith("received undefined");
  return [
    {
      path: at.length === 0 ? "the file" : pathText(at),
      problem: isMissing ? "is missing" : lowered(issue.message),
      remedy: "docs/service.md shows what stands there",
    },
  ];
}

function lowered(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function invalid(file: string, problems: readonly Problem[]): GroundworkError {
  const lines = problems.map((problem) => `  ${problemLine(problem)}`);
  return new GroundworkError("invalid-settings", [`${file}:`, ...lines].join("\n"), { problems });
}
