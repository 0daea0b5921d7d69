import type { Command } from "commander";
import type * as checking from "./runCertificateCheck";
import type { CheckRequest } from "./runCertificateCheck";
import type * as proving from "./runCertificateProve";
import type { ProveRequest } from "./runCertificateProve";
import type * as asking from "./runCertificateWhy";
import type { WhyRequest } from "./runCertificateWhy";
import { onStack } from "./onStack";
import type { VerbContext } from "./verb";

const WHY = `Show why a certificate is not ready: Certificate, CertificateRequest, Order and Challenge in one tree, and the issuer.

Each one says what cert-manager or the authority says of it, and what to do where the cause is known. Nothing is changed. Without
a name all certificates that are not ready are shown.`;

const WHY_EXAMPLES = `
Examples:
  groundwork certificate why --stack home
  groundwork certificate why web -n shop --stack home
  groundwork certificate why --stack home --json | jq -r '.certificates[] | select(.state != "ready") | .name'

Exits with 0 when all that were asked for are ready, and with 3 otherwise.
`;

const CHECK = `Look at the certificate that a TLS server shows: chain, names, expiry, trust, protocol, keys and OCSP stapling.

The server is dialled from this machine; no stack is needed. A certificate that ends within 21 days is a warning.`;

const CHECK_EXAMPLES = `
Examples:
  groundwork certificate check www.example.org
  groundwork certificate check 192.0.2.10:443 --server-name www.example.org    before DNS leads there
  groundwork certificate check nas.home.arpa --ca root.pem                     of an internal authority

Exits with 0 when there is no error, with 3 when there is one (with --strict: or a warning), and with 1 when nothing answers.
`;

const PROVE = `Prove the key of a name server (RFC 2136) before an authority is asked: write a TXT record by it, and take it away again.

It is done for each zone and name that the issuer's solvers answer for, with the key of the stack's file. An authority counts failed
orders; a name server does not.`;

const PROVE_EXAMPLES = `
Examples:
  groundwork certificate prove lets-encrypt --stack home
  groundwork certificate prove lets-encrypt --from server-1 --stack home       where only the nodes reach it
  groundwork certificate prove lets-encrypt --name www.example.org --stack home

Exits with 0 when every key is proven, and with 3 otherwise.
`;

/** `groundwork certificate`. */
export function addCertificate(program: Command, context: VerbContext): void {
  const certificate = program
    .command("certificate")
    .summary("find out why a certificate is not there")
    .description("Find out why a certificate is not there, or not the right one.");
  addWhy(certificate, context);
  addCheck(certificate, context);
  addProve(certificate, context);
}

function addWhy(certificate: Command, { terminal, setExitCode }: VerbContext): void {
  onStack(
    certificate
      .command("why")
      .summary("show what a certificate waits for")
      .description(WHY)
      .argument("[name]", "name of the Certificate; by default all that are not ready"),
  )
    .option("-n, --namespace <namespace>", "the namespace that it is in; by default all")
    .option("--json", "as JSON")
    .addHelpText("after", WHY_EXAMPLES)
    .allowExcessArguments(false)
    .action(async (name: string | undefined, request: WhyRequest) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads the program and SSH: only where it is needed
      const { runWhy } = require("./runCertificateWhy") as typeof asking;
      setExitCode(await runWhy(name, request, terminal));
    });
}

function addCheck(certificate: Command, { terminal, setExitCode }: VerbContext): void {
  certificate
    .command("check")
    .summary("look at the certificate that a server shows")
    .description(CHECK)
    .argument("<host[:port]>", "the server; by default port 443")
    .option("--server-name <name>", "the name to ask for, where HOST is not it")
    .option("--ca <file>", "an authority that counts beside the public ones (PEM)")
    .option("--json", "as JSON")
    .option("--strict", "exit with 3 for warnings too")
    .option("-q, --quiet", "leave out what was found right")
    .option("--debug", "show the stack trace of a failure")
    .addHelpText("after", CHECK_EXAMPLES)
    .allowExcessArguments(false)
    .action(async (target: string, request: CheckRequest) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- as above
      const { runCheck } = require("./runCertificateCheck") as typeof checking;
      setExitCode(await runCheck(target, request, terminal));
    });
}

function addProve(certificate: Command, { terminal, setExitCode }: VerbContext): void {
  onStack(
    certificate
      .command("prove")
      .summary("prove an issuer's key at its name server")
      .description(PROVE)
      .argument("<issuer>", "name of an issuer with a solver by RFC 2136"),
  )
    .option("--name <names...>", "domains to prove, in place of the issuer's zones and names")
    .option("--from <node>", "a node that the name server is dialled from; by default this machine")
    .option("--json", "as JSON")
    .addHelpText("after", PROVE_EXAMPLES)
    .allowExcessArguments(false)
    .action(async (issuer: string, request: ProveRequest) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- as above
      const { runProve } = require("./runCertificateProve") as typeof proving;
      setExitCode(await runProve(issuer, request, terminal));
    });
}
