import * as assert from "node:assert/strict";
import { Secret } from "../../../config/secret";
import { errors, stack, warnings } from "../../config/fixtures";

type Raw = Record<string, unknown>;

/** A stack with one credential `own`, and a solver that names it. */
function having(credentials: Raw, solver: Raw = {}): Raw {
  const solvers = [{ type: credentials["type"], credentials: "own", ...solver }];
  return stack({
    certificates: { certManager: true, email: "ops@site.example.org", credentials: { own: credentials } },
    issuers: { le: { type: "acme", server: "staging", solvers } },
  });
}

const nameserver = { nameserver: "10.0.0.1" };

describe("credentials", () => {
  it("are set, each by its command", () => {
    const command = "set it with: pulumi config set --secret --path 'groundwork:certificates.credentials.own";
    assert.deepEqual(errors(having({ type: "cloudflare" })), [
      `certificates.credentials.own.apiToken: is not set; ${command}.apiToken'`,
    ]);
    assert.deepEqual(errors(having({ type: "cloudDNS" }, { project: "p" })), [
      `certificates.credentials.own.serviceAccount: is not set; ${command}.serviceAccount' < FILE`,
    ]);
    // A plan is made without them, too.
    assert.deepEqual(errors(having({ type: "cloudflare" }), "warning"), []);
    assert.equal(warnings(having({ type: "cloudflare" }), "warning").length, 1);
  });

  it("of a name server are the key as it shows it", () => {
    const tried = (text: string): string[] =>
      errors(having({ type: "rfc2136", tsigKeyName: "k", tsigSecret: Secret.of(text) }, nameserver));
    assert.deepEqual(tried("c2VjcmV0"), []);
    assert.deepEqual(tried("secret-CANARY"), [
      "certificates.credentials.own.tsigSecret: is not base64; set the 'secret' of the name server's key clause as it stands there, without encoding it again",
    ]);
  });

  it("that are tokens have no blank in them", () => {
    const tried = (text: string): string[] => errors(having({ type: "digitalocean", token: Secret.of(text) }));
    assert.deepEqual(tried("dop_v1_abc\n"), []);
    for (const bad of ["dop_v1_abc def", " "]) {
      assert.deepEqual(tried(bad), [
        "certificates.credentials.own.token: is empty or has a blank in it; set it as the provider shows it, on one line",
      ]);
    }
  });

  it("that are files are JSON", () => {
    const google = (text: string): string[] =>
      errors(having({ type: "cloudDNS", serviceAccount: Secret.of(text) }, { project: "p" }));
    assert.deepEqual(google('{"type": "service_account", "private_key": "x"}'), []);
    assert.deepEqual(google('{"installed": {}}'), [
      "certificates.credentials.own.serviceAccount: is not the key file of a service account; set the whole JSON file that 'gcloud iam service-accounts keys create' wrote",
    ]);
    const host = { host: "https://auth.example.org" };
    assert.deepEqual(errors(having({ type: "acmeDNS", accounts: Secret.of("{}") }, host)), []);
    assert.equal(errors(having({ type: "acmeDNS", accounts: Secret.of("[") }, host)).length, 1);
  });

  it("for webhooks are a Secret with keys", () => {
    const webhook = { type: "webhook", groupName: "g", solverName: "s", credentials: undefined };
    const tried = (values: Raw): string[] => errors(having({ type: "other", values }, webhook)).slice(-1);
    const at = "certificates.credentials.own.values";
    assert.deepEqual(tried({}), [
      `${at}: is empty; set each with: pulumi config set --secret --path 'groundwork:${at}.KEY'`,
    ]);
    assert.deepEqual(tried({ "a b": Secret.sealed() }), [
      `${at}["a b"]: is not the key of a Secret; write letters, digits, '-', '_' and '.'`,
    ]);
  });

  it("that no solver names are warned of", () => {
    const raw = having({ type: "cloudflare", apiToken: Secret.sealed() });
    assert.deepEqual(warnings(raw), []);
    assert.deepEqual(warnings({ ...raw, issuers: {} }), [
      "certificates.credentials.own: is named by no solver; name it in a solver of an issuer, or remove it",
    ]);
  });

  it("of all issuers are looked at at once", () => {
    const raw = stack({
      certificates: { certManager: true, email: "me@example.com" },
      issuers: {
        tsig: {
          type: "acme-dns01",
          server: "staging",
          ...nameserver,
          tsigKeyName: "k",
          tsigSecret: Secret.of("?"),
          zones: ["nodot"],
        },
        eab: { type: "acme-http01", server: "https://acme.zerossl.com/v2/DV90", externalAccount: { keyID: "k" } },
      },
      ingress: { className: "traefik" },
    });
    assert.deepEqual(
      errors(raw).map((line) => line.split(":")[0]),
      ["certificates.email", "issuers.eab.externalAccount.key", "issuers.tsig.zones[0]", "issuers.tsig.tsigSecret"],
    );
  });
});
