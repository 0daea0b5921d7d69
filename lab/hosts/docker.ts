import { LabError } from "../error";
import { type Outcome, run, type RunOptions } from "../../process/run";

/** The Docker engine that a lab lives in. */
export interface Docker {
  /** Address of the engine when it is one that the lab started; undefined for the user's own. */
  readonly socket: string | undefined;
  /** Runs `docker ARGS` and gives its output. @throws LabError when it fails; `what` says what was being done. */
  do(what: string, args: readonly string[], options?: RunOptions): Promise<string>;
  /** Runs `docker ARGS`, whatever comes of it. */
  try(args: readonly string[], options?: RunOptions): Promise<Outcome>;
}

/** The engine behind the ordinary `docker` command, or behind a socket. */
export function dockerCli(socket?: string): Docker {
  const env = socket === undefined ? process.env : { ...process.env, DOCKER_HOST: `unix://${socket}` };
  const attempt = async (args: readonly string[], options?: RunOptions): Promise<Outcome> =>
    await run("docker", args, { env, ...options });
  return {
    socket,
    try: attempt,
    async do(what, args, options) {
      const outcome = await attempt(args, options);
      if (outcome.code !== 0) throw engineError(what, outcome);
      return outcome.stdout.trim();
    },
  };
}

/** One line for what the engine answered: the cause where it is known, the engine's own last line otherwise. */
export function engineError(what: string, outcome: Outcome): LabError {
  const text = outcome.stderr.trim();
  if (
    /cannot connect to the docker daemon|error during connect|connection reset|is the docker daemon running|EOF$/im.test(
      text,
    )
  ) {
    return new LabError(
      `${what}: the Docker engine does not answer`,
      "when it runs again, repeat the command: it goes on where this one stopped",
    );
  }
  const port = /(?:bind for|listen tcp4?|bind:?) (\d+\.\d+\.\d+\.\d+:\d+)/i.exec(text)?.[1];
  if (port !== undefined && /already (allocated|in use)/i.test(text)) {
    return new LabError(`${what}: ${port} is taken by another program`, "stop that program, or make the lab anew");
  }
  if (/no space left on device/i.test(text)) {
    return new LabError(`${what}: no space left on the Docker engine's disk`, "free some and repeat the command");
  }
  if (outcome.code === 124) return new LabError(`${what}: ${text.split("\n").at(-1) ?? ""}`);
  const last = text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("See 'docker"))
    .at(-1);
  return new LabError(`${what}: ${(last ?? `docker ended with ${String(outcome.code)}`).replace(/^docker: /, "")}`);
}
