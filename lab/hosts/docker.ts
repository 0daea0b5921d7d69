import { LabError } from "../error";
import { type Outcome, run, type RunOptions } from "../../process/run";

/** The container engine that a lab lives in. */
export interface Docker {
  /** Address of the container engine when it is one that the lab started; undefined for the user's own. */
  readonly socket: string | undefined;
  /** Runs `docker ARGS` and gives its output. @throws LabError when it fails; `what` says what was being done. */
  do(what: string, args: readonly string[], options?: RunOptions): Promise<string>;
  /** Runs `docker ARGS`, whatever comes of it. */
  try(args: readonly string[], options?: RunOptions): Promise<Outcome>;
}

/** The container engine behind the ordinary `docker` command, or behind a socket. */
export function dockerCli(socket?: string): Docker {
  const env = socket === undefined ? process.env : { ...process.env, DOCKER_HOST: `unix://${socket}` };
  const attempt = async (args: readonly string[], options?: RunOptions): Promise<Outcome> =>
    await run("docker", args, { env, ...options });
  return {
    socket,
    try: attempt,
    async do(what, args, options) {
      const outcome = await attempt(args, options);
      if (outcome.code !== 0) throw dockerError(what, outcome);
      return outcome.stdout.trim();
    },
  };
}

/** One line for what the container engine answered: the cause where it is known, the container engine's own last line otherwise. */
export function dockerError(what: string, outcome: Outcome): LabError {
  const text = outcome.stderr.trim();
  if (
    /cannot connect to the docker daemon|error during connect|connection reset|is the docker daemon running|EOF$/im.test(
      text,
    )
  ) {
    return new LabError(
      `${what}: the container engine does not answer`,
      "when it runs again, repeat the command: it goes on where this one stopped",
    );
  }
  const port = /(?:bind for|listen tcp4?|bind:?) (\d+\.\d+\.\d+\.\d+:\d+)/i.exec(text)?.[1];
  if (port !== undefined && /already (allocated|in use)/i.test(text)) {
    return new LabError(`${what}: ${port} is taken by another program`, "stop that program, or make the lab anew");
  }
  if (/no space left on device/i.test(text)) {
    return new LabError(`${what}: no space left on the container engine's disk`, "free some and repeat the command");
  }
  if (outcome.code === 124) return new LabError(`${what}: ${text.split("\n").at(-1) ?? ""}`);
  const last = text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("See 'docker"))
    .at(-1);
  return new LabError(`${what}: ${(last ?? `docker ended with ${String(outcome.code)}`).replace(/^docker: /, "")}`);
}
