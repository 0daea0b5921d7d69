import * as assert from "node:assert/strict";
import { Secret } from "../../../config/secret";
import { errors, stack, warnings } from "../../config/fixtures";
import { LEAF } from "./pems";

const keys = {
  ns: { type: "rfc2136", tsigKeyName: "acme", tsigSecret: Secret.sealed() },
  cf: { type: "cloudflare", apiToken: Secret.sealed() },
};
const certificates = { certManager: true, email: "ops@site.example.org", credentials: keys };
type Raw = Record<string, unknown>;

/** A stack with one ACME issuer `le`. */
function issuing(solvers: readonly Raw[], more: Raw = {}, rest: Raw = {}): Raw {
  return stack({ certificates, issuers: { le: { type: "acme", server: "production", solvers, ...more } }, ...rest });
}

const cloudflare = { type: "cloudflare", credentials: "cf" };
const both = [cloudflare, { type: "rfc2136", nameserver: "ns1.example.org", credentials: "ns", zones: ["b.org"] }];

describe("ACME issuers", () => {
  it("may be of any authority, with several solvers", () => {
    for (const server of ["staging", "production", "https://ca.home.example.org:9000/acme/acme/directory"]) {
      assert.deepEqual(errors(issuing(both, { server })), []);
    }
    assert.deepEqual(warnings(issuing(both)), []);
  });

  it("are at Let's Encrypt, or at a directory by https", () => {
    const remedy = "write staging or production for Let's Encrypt, or the https address of another one's directory";
    for (const server of ["prod", "http://ca.example.org/directory", "https://"]) {
      assert.deepEqual(errors(issuing(both, { server })), [
        `issuers.le.server: "${server}" is not an ACME server; ${remedy}`,
      ]);
    }
    assert.deepEqual(errors(issuing(both, { server: "https://acme-v02.api.letsencrypt.org" })), [
      "issuers.le.server: https://acme-v02.api.letsencrypt.org is not a directory of Let's Encrypt; write staging or production",
    ]);
  });

  it("need no email at an authority of one's own", () => {
    const raw = issuing([cloudflare], { server: "https://ca.example.org/directory" });
    assert.deepEqual(errors({ ...raw, certificates: { ...certificates, email: undefined } }), []);
  });

  it("need a solver", () => {
    assert.deepEqual(errors(issuing([])), [
      "issuers.le.solvers: is empty; write one solver at least, e.g. { type: cloudflare, credentials: NAME }",
    ]);
  });

  it("take certificates as caBundle, and nothing else", () => {
    assert.deepEqual(errors(issuing(both, { caBundle: `${LEAF}\n${LEAF}` })), []);
    assert.deepEqual(errors(issuing(both, { caBundle: "LS0tLS1CRUdJTg==" })), [
      "issuers.le.caBundle: is not a certificate; write the certificates in PEM, as the server's owner has them: -----BEGIN CERTIFICATE-----",
    ]);
  });

  it("have an external account with its key, where the authority asks for one", () => {
    const server = "https://acme.zerossl.com/v2/DV90";
    assert.deepEqual(errors(issuing(both, { server })), [
      "issuers.le.externalAccount: is missing, and acme.zerossl.com takes nobody without; make external account binding credentials in your account there, write their keyID here and set their key",
    ]);
    const tried = (key?: Secret): string[] => errors(issuing(both, { server, externalAccount: { keyID: "kid", key } }));
    assert.deepEqual(tried(), [
      "issuers.le.externalAccount.key: is not set, but keyID is; set it with: pulumi config set --secret --path 'groundwork:issuers.le.externalAccount.key'",
    ]);
    for (const good of [
      "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W",
      "a-_b",
      "a+/b",
      "YWI=",
      "YWI",
    ]) {
      assert.deepEqual(tried(Secret.of(good)), [], good);
    }
    for (const bad of ["not base64!", "a-+b", "abcde"]) {
      assert.deepEqual(tried(Secret.of(bad)), [
        "issuers.le.externalAccount.key: is not base64url; set the HMAC key as the authority shows it, not encoded again",
      ]);
    }
  });

  it("of the public answer for public names only", () => {
    const zones = ["nodot", "home.local", "lab.internal", "home.arpa", "home.example.org"];
    const remedy = "have a certificate authority of your own give it (type: ca)";
    const not = "is not a zone that Let's Encrypt gives certificates for";
    assert.deepEqual(errors(issuing([{ ...cloudflare, zones }])), [
      `issuers.le.solvers[0].zones[0]: "nodot" ${not}; write its whole name, e.g. home.example.org`,
      `issuers.le.solvers[0].zones[1]: "home.local" ${not}; ${remedy}`,
      `issuers.le.solvers[0].zones[2]: "lab.internal" ${not}; ${remedy}`,
      `issuers.le.solvers[0].zones[3]: "home.arpa" ${not}; ${remedy}`,
    ]);
    assert.deepEqual(errors(issuing([{ ...cloudflare, zones }], { server: "https://ca.lan/directory" })), []);
  });

  it("name credentials that are there, and of the solver's type", () => {
    assert.deepEqual(
      errors(
        issuing([
          { type: "cloudflare", credentials: "cloud" },
          { ...cloudflare, credentials: "ns" },
        ]),
      ),
      [
        'issuers.le.solvers[0].credentials: "cloud" are no credentials of this stack; write them under certificates.credentials with type: cloudflare, or one of cf',
        'issuers.le.solvers[1].credentials: "ns" are credentials of type rfc2136, not cloudflare; write them under certificates.credentials with type: cloudflare, or one of cf',
      ],
    );
  });

  it("know Azure's callers in one way", () => {
    const azure = { type: "azureDNS", subscriptionID: "s", resourceGroupName: "r" };
    assert.deepEqual(errors(issuing([{ ...azure, managedIdentity: { clientID: "a", resourceID: "b" } }, azure])), [
      "issuers.le.solvers[0].managedIdentity: has clientID and resourceID; take one of the two out",
    ]);
  });

  it("by HTTP-01 need a controller of the solver's own class", () => {
    const ingress = { controller: "ingress-nginx", version: "9.9.9" };
    const k3s = { disable: ["traefik"] };
    assert.deepEqual(errors(issuing([{ type: "http01" }], {}, { ingress, k3s })), []);
    assert.deepEqual(
      errors(issuing([cloudflare, { type: "http01", ingressClassName: "traefik" }], {}, { ingress, k3s })),
      [
        "issuers.le.solvers[1].type: http01 is answered by the ingress class 'traefik', and no controller of it is installed; write ingress.controller: ingress-nginx, or ingress.className with the class that you bring",
      ],
    );
  });

  it("by a Gateway need the Gateway API, with a warning where nothing here brings it", () => {
    const raw = issuing([...both, { type: "http01-gateway", parentRefs: [{ name: "web" }] }]);
    assert.deepEqual(warnings(raw), []);
    assert.deepEqual(warnings({ ...raw, k3s: { disable: ["traefik"] } }), [
      "issuers.le.solvers[2].type: needs the definitions of the Gateway API, without which cert-manager does not start; see to it that they and the Gateway are in the cluster first",
    ]);
    assert.deepEqual(errors(issuing([{ type: "http01-gateway", parentRefs: [] }])), [
      "issuers.le.solvers[0].parentRefs: is empty; name the Gateway that listens on port 80",
    ]);
  });
});

describe("a custom solver", () => {
  const see = "see https://cert-manager.io/docs/reference/api-docs/#acme.cert-manager.io/v1.ACMEChallengeSolver";
  const tried = (solver: Raw): string[] =>
    errors(issuing([{ type: "custom", solver }])).filter((line) => !line.includes(" is named by "));
  const ref = { name: "akamai-credentials", key: "token" };

  it("is what cert-manager's definition says", () => {
    const akamai = {
      serviceConsumerDomain: "x.net",
      clientTokenSecretRef: ref,
      clientSecretSecretRef: ref,
      accessTokenSecretRef: ref,
    };
    assert.deepEqual(tried({ dns01: { cnameStrategy: "Follow", akamai } }), []);
    assert.deepEqual(tried({ http01: { ingress: { class: "web", podTemplate: { spec: { nodeSelector: {} } } } } }), []);
    assert.deepEqual(tried({ dns01: { webhook: { groupName: "g", solverName: "s", config: { any: [1] } } } }), []);
  });

  it("has exactly one way, and one provider", () => {
    const at = "issuers.le.solvers[0].solver";
    const providers = "acmeDNS, akamai, azureDNS, cloudDNS, cloudflare, digitalocean, rfc2136, route53, webhook";
    assert.deepEqual(tried({}), [`${at}: has none of them; write exactly one of dns01, http01`]);
    assert.deepEqual(tried({ dns01: {} }), [`${at}.dns01: has none of them; write exactly one of ${providers}`]);
    assert.deepEqual(tried({ dns01: { digitalocean: { tokenSecretRef: ref }, cloudflare: {} } }), [
      `${at}.dns01: has cloudflare and digitalocean; write exactly one of ${providers}`,
    ]);
  });

  it("has no field that cert-manager does not know, and lacks none that it needs", () => {
    const at = "issuers.le.solvers[0].solver";
    assert.deepEqual(tried({ dns01: { cloudflare: { apiToken: "x" } }, selector: {}, dns1: {} }), [
      `${at}.selector: is given twice over; write zones, names and matchLabels beside it`,
      `${at}.dns01.cloudflare.apiToken: is nothing that cert-manager knows; ${see}`,
      `${at}.dns1: is nothing that cert-manager knows; ${see}`,
    ]);
    assert.deepEqual(tried({ dns01: { digitalocean: {} } }), [
      `${at}.dns01.digitalocean.tokenSecretRef: is missing or is not object; ${see}`,
    ]);
  });
});
