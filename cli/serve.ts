import type { Command } from "commander";
import type * as running from "./runServe";
import type { ServeRequest, TokenRequest } from "./runServe";
import type { VerbContext } from "./verb";

const DESCRIPTION = `Serve stacks over HTTP: previews, runs, their events, history and outputs, for other programs.

The service's file says which stacks it has and where their project, backend and passphrase file are. Each run is a process of its
own: it goes on when the service is killed, and the next service takes it up. SIGTERM lets runs end, then cancels them in good order.
It listens on this machine only, unless the file names a certificate.`;

const EXAMPLES = `
Examples:
  groundwork serve token create --name ci --allow dev:read,preview --allow prod:read --config service.yaml
  groundwork serve --config service.yaml
  curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8411/stacks
`;

/** `groundwork serve` and `groundwork serve token`. */
export function addServe(program: Command, { terminal }: VerbContext): void {
  const serve = program.command("serve").summary("serve stacks over HTTP").description(DESCRIPTION);
  onService(serve)
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .action(async (request: ServeRequest) => verb().runServe(request, terminal));

  const token = serve
    .command("token")
    .summary("make, list and revoke tokens")
    .description("Make, list and revoke tokens.");
  onService(token.command("create").description("Make a token and print it, this once."))
    .requiredOption("--name <name>", "what people call it; it stands in the record beside what was asked for")
    .requiredOption(
      "--allow <grant>",
      "STACK:VERB,… with a stack's name or *; may be given several times",
      collected,
      [],
    )
    .option("--expires-in <time>", "such as 12h or 90d", "90d")
    .action((_, command: Command) => verb().createToken(requestOf(command), terminal));
  onService(token.command("list").description("List all tokens; none is printed."))
    .option("--json", "as JSON")
    .action((_, command: Command) => verb().listTokens(requestOf(command), terminal));
  onService(token.command("revoke").description("Refuse a token from now on.").argument("<id>")).action(
    (id: string, _, command: Command) => verb().revokeToken(id, requestOf(command), terminal),
  );
}

/** Options of a verb below `serve`, which takes --config for its own, wherever it stands. */
function requestOf(command: Command): TokenRequest {
  return command.optsWithGlobals<TokenRequest>();
}

function onService(command: Command): Command {
  return command
    .option("-c, --config <file>", "the service's file", "service.yaml")
    .option("--debug", "show the stack trace of a failure");
}

function collected(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function verb(): typeof running {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads the service: only where it is needed
  return require("./runServe") as typeof running;
}
