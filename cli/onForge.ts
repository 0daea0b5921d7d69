import { Option, type Command } from "commander";
import { GroundworkError } from "../config/groundworkError";
import { Secret } from "../config/secret";
import { ForgeError, type Forge } from "../pullRequest/http";
import type { Terminal } from "./terminal";

/** Which forge a verb writes to or asks. */
export interface ForgeRequest {
  readonly forge?: Forge["kind"];
  readonly api?: string;
  readonly repository?: string;
  readonly author?: readonly string[];
}

/** The end of the help of each verb that needs a token. */
export const TOKEN_HELP =
  "The token is read from GROUNDWORK_COMMENT_TOKEN, GITHUB_TOKEN, GITEA_TOKEN or GITLAB_TOKEN, never from an argument.";

/** Gives a verb the options that say where the forge is. */
export function onForge(command: Command, what: string): Command {
  return command
    .addOption(
      new Option("--forge <kind>", "the kind of forge; found out in a workflow").choices(["github", "gitea", "gitlab"]),
    )
    .option("--api <url>", "base of the forge's API; by default GITHUB_API_URL or CI_API_V4_URL")
    .option("--repository <owner/name>", "the repository; by default GITHUB_REPOSITORY or CI_PROJECT_PATH")
    .option(
      "--author <login...>",
      `who this command's ${what} are by; by default a workflow's own user, on GitLab the token's`,
    );
}

/** @throws GroundworkError `usage` where something is neither written nor in the environment of a workflow. */
export function forgeOf(request: ForgeRequest, env: Terminal["env"]): Forge {
  const kind = request.forge ?? kindIn(env);
  const isGitLab = kind === "gitlab";
  const api = (request.api ?? env[isGitLab ? "CI_API_V4_URL" : "GITHUB_API_URL"] ?? "").replace(/\/+$/, "");
  if (!/^https?:\/\/[^\s?#]+$/.test(api)) {
    throw new GroundworkError("usage", "--api: write the base of the forge's API, e.g. https://api.github.com");
  }
  const repository = request.repository ?? env[isGitLab ? "CI_PROJECT_PATH" : "GITHUB_REPOSITORY"] ?? "";
  if (!(isGitLab ? /^[\w.-]+(\/[\w.-]+)+$/ : /^[\w.-]+\/[\w.-]+$/).test(repository)) {
    throw new GroundworkError("usage", `--repository: write it as ${isGitLab ? "group/name" : "owner/name"}`);
  }
  const token = ["GROUNDWORK_COMMENT_TOKEN", isGitLab ? "GITLAB_TOKEN" : "GITHUB_TOKEN", "GITEA_TOKEN"]
    .map((name) => env[name] ?? "")
    .find((value) => value !== "");
  if (token === undefined) {
    throw new GroundworkError("usage", "no token: set GROUNDWORK_COMMENT_TOKEN in the environment, or use --dry-run");
  }
  return { kind, api, repository, token: Secret.of(token) };
}

/** Each forge's own runner says what it is. */
function kindIn(env: Terminal["env"]): Forge["kind"] {
  if (env["GITLAB_CI"] === "true") return "gitlab";
  return env["GITEA_ACTIONS"] === "true" || env["FORGEJO_ACTIONS"] === "true" ? "gitea" : "github";
}

/** Does a verb's work, and puts its name before what the forge refused. */
export async function saying<T>(verb: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error;
    throw new GroundworkError("failed", `${verb}: ${error.message}`);
  }
}

/** @throws GroundworkError `usage` where an option's value is no address. */
export function checkAddress(option: string, address: string | undefined): void {
  if (address === undefined || /^https?:\/\/[^\s<>]+$/.test(address)) return;
  throw new GroundworkError("usage", `${option}: write an address, e.g. https://example.org/run/1`);
}
