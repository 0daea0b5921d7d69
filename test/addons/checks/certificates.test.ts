import * as assert from "node:assert/strict";
import { Secret } from "../../../config/secret";
import { errors, stack, warnings } from "../../config/fixtures";

type Raw = Record<string, unknown>;

const issuers = {
  house: { type: "ca" },
  le: {
    type: "acme",
    server: "production",
    solvers: [
      { type: "cloudflare", credentials: "cf", zones: ["example.org"] },
      { type: "http01", ingressClassName: "traefik", names: ["www.example.net", "*.example.net"] },
      { type: "cloudflare", credentials: "cf", matchLabels: { team: "x" }, zones: ["example.com"] },
    ],
  },
};

function issuing(issued: Raw, more: Raw = {}): Raw {
  const credentials = { cf: { type: "cloudflare", apiToken: Secret.sealed() } };
  const certificates = { certManager: true, email: "ops@site.example.org", credentials, issued };
  return stack({ issuers, certificates, namespaces: { apps: {} }, ...more });
}

/** Problems of one certificate `web`. */
function tried(settings: Raw): string[] {
  return errors(issuing({ web: { issuer: "house", names: ["www.example.org"], ...settings } }));
}

const at = "certificates.issued.web";

describe("certificates", () => {
  it("need cert-manager", () => {
    const raw = stack({
      certificates: { issued: { web: { issuer: "house", names: ["a.example.org"] } } },
      issuers: {},
    });
    assert.deepEqual(errors(raw), [
      "certificates.issued: needs cert-manager, which is not installed; write certificates.certManager: true",
      `${at}.issuer: "house" is no issuer of this stack; write it under groundwork:issuers`,
    ]);
  });

  it("need an issuer of the stack and something to be for", () => {
    assert.deepEqual(tried({ issuer: "hause" }), [
      `${at}.issuer: "hause" is no issuer of this stack; write one of house, le`,
    ]);
    assert.deepEqual(tried({ names: [] }), [
      `${at}.names: is empty; write what the certificate is for, e.g. [www.example.org]`,
    ]);
    for (const other of [{ ipAddresses: ["10.0.0.1"] }, { uris: ["spiffe://a/b"] }, { commonName: "web" }]) {
      assert.deepEqual(tried({ names: [], ...other }), []);
    }
  });

  it("have names that are names", () => {
    for (const name of ["a b", "*.*.example.org", "www.*.example.org", "https://example.org", "*"]) {
      assert.deepEqual(tried({ names: [name] }), [
        `${at}.names[0]: "${name}" is neither a DNS name nor a wildcard; write one like www.example.org or *.example.org`,
      ]);
    }
  });

  it("go into a namespace that is there", () => {
    for (const namespace of ["apps", "default", "kube-system", "cert-manager"]) {
      assert.deepEqual(tried({ namespace }), [], namespace);
    }
    assert.deepEqual(tried({ namespace: "shop" }), [
      `${at}.namespace: 'shop' is no namespace of this stack; write 'shop: {}' under groundwork:namespaces`,
    ]);
    const manifests = issuing(
      { web: { issuer: "house", names: ["a.example.org"], namespace: "shop" } },
      { k3s: { manifests: { shop: "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }" } } },
    );
    assert.deepEqual(errors(manifests), []);
    assert.ok(
      warnings(manifests).includes(`${at}.namespace: 'shop' is no namespace of this stack; see to it that it is there`),
    );
  });

  it("have names that a solver of their issuer covers", () => {
    const names = ["example.org", "*.example.org", "a.b.Example.org", "www.example.net"];
    assert.deepEqual(tried({ issuer: "le", names }), []);
    const remedy = "add its zone to a solver of the issuer, or take another issuer";
    assert.deepEqual(tried({ issuer: "le", names: ["notexample.org", "example.net", "a.example.com"] }), [
      `${at}.names[0]: "notexample.org" is covered by no solver of issuer 'le'; ${remedy}`,
      `${at}.names[1]: "example.net" is covered by no solver of issuer 'le'; ${remedy}`,
      `${at}.names[2]: "a.example.com" is covered by no solver of issuer 'le'; ${remedy}`,
    ]);
    assert.deepEqual(tried({ issuer: "le", names: ["a.example.com"], labels: { team: "x" } }), []);
  });

  it("with a wildcard are proven by DNS-01", () => {
    assert.deepEqual(tried({ issuer: "le", names: ["*.example.net"] }), [
      `${at}.names[0]: "*.example.net" is a wildcard, and issuer 'le' proves it by HTTP-01 only; take an issuer that proves by DNS-01, or write the names one by one`,
    ]);
  });

  it("of a public authority are for public names", () => {
    const not = "is not a name that Let's Encrypt production can give certificates for: nobody on the internet owns it";
    const remedy = "take an issuer of type ca, or a name of your own domain";
    assert.deepEqual(tried({ issuer: "le", names: ["nas.local", "a.internal", "nodot"] }), [
      `${at}.names[0]: "nas.local" ${not}; ${remedy}`,
      `${at}.names[1]: "a.internal" ${not}; ${remedy}`,
      `${at}.names[2]: "nodot" ${not}; ${remedy}`,
    ]);
    assert.deepEqual(tried({ names: ["nas.local", "nodot"], ipAddresses: ["10.0.0.1"] }), []);
  });

  it("for addresses need an authority that gives them, and a proof by HTTP-01", () => {
    const own = { ipAddresses: ["10.0.0.1", "1.1.1.1"], names: [] };
    assert.deepEqual(tried({ issuer: "le", ...own }), [
      `${at}.ipAddresses[0]: 10.0.0.1 is not an address that Let's Encrypt production can give certificates for: nobody on the internet owns it; take an issuer of type ca`,
      `${at}.ipAddresses[1]: Let's Encrypt production gives certificates for addresses in its profile shortlived only; write profile: shortlived in issuer 'le', or take an issuer of type ca`,
    ]);
    const proving = (solver: Raw, server: string): string[] => {
      const le = { type: "acme", server, profile: "shortlived", solvers: [solver] };
      return errors(issuing({ web: { issuer: "le", names: [], ipAddresses: ["1.1.1.1"] } }, { issuers: { le } }));
    };
    assert.deepEqual(proving({ type: "http01", ingressClassName: "traefik" }, "production"), []);
    for (const server of ["production", "https://ca.lan/directory"]) {
      assert.deepEqual(proving({ type: "cloudflare", credentials: "cf" }, server), [
        `${at}.ipAddresses[0]: 1.1.1.1 is covered by no HTTP-01 solver of issuer 'le'; add one, or take an issuer of type ca`,
      ]);
    }
  });

  it("of ACME hold nothing that an order has no place for", () => {
    const names = ["www.example.org"];
    assert.deepEqual(tried({ issuer: "le", names, commonName: "www.example.org" }), []);
    assert.deepEqual(tried({ issuer: "le", names, commonName: "web", uris: ["spiffe://a/b"] }), [
      `${at}.uris: can be proven to no ACME authority; take an issuer of type ca`,
      `${at}.commonName: "web" is none of the certificate's names, which no ACME authority takes; write one of names, or leave it out`,
    ]);
  });

  it("are renewed while they live", () => {
    assert.deepEqual(tried({ duration: "90d" }), [
      `${at}.duration: "90d" is not a duration in hours, minutes and seconds; write one like 2160h (90 days)`,
    ]);
    assert.deepEqual(tried({ duration: "59m" }), [`${at}.duration: 59m is too short; write at least 1h`]);
    assert.deepEqual(tried({ duration: "24h", renewBefore: "24h" }), [
      `${at}.renewBefore: 24h is not shorter than the certificate's life of 24h; write a shorter one, or a longer duration`,
    ]);
    assert.deepEqual(tried({ renewBefore: "4m59s" }), [`${at}.renewBefore: 4m59s is too short; write at least 5m`]);
    assert.deepEqual(tried({ renewBefore: "1h", renewBeforePercentage: 20 }), [
      `${at}.renewBefore: is given beside renewBeforePercentage; take one of the two out`,
    ]);
    assert.deepEqual(tried({ duration: "1h", renewBeforePercentage: 5 }), [
      `${at}.renewBeforePercentage: 5 % of 1h are less than 5m; write more, or a longer duration`,
    ]);
    assert.deepEqual(tried({ renewBeforePercentage: 100 }), [
      `${at}.renewBeforePercentage: 100 is too large; write at most 99`,
    ]);
    assert.deepEqual(tried({ duration: "1h", renewBefore: "59m" }), []);
  });

  it("have keys of a size that is made, and that Let's Encrypt takes", () => {
    const size = `${at}.privateKey.size`;
    assert.deepEqual(tried({ privateKey: { size: 1024 } }), [
      `${size}: 1024 is no size of a key for RSA; write 2048 to 8192`,
    ]);
    assert.deepEqual(tried({ privateKey: { algorithm: "ECDSA", size: 4096 } }), [
      `${size}: 4096 is no size of a key for ECDSA; write 256, 384 or 521`,
    ]);
    assert.deepEqual(tried({ privateKey: { algorithm: "ECDSA", size: 521 } }), []);
    assert.deepEqual(tried({ issuer: "le", privateKey: { algorithm: "ECDSA", size: 521 } }), [
      `${size}: 521 is a size that Let's Encrypt refuses; write one of 256, 384`,
    ]);
  });

  it("have keystores with a password", () => {
    assert.deepEqual(tried({ keystores: { jks: {} } }), [
      `${at}.keystores.jks.password: is not set; set it with: pulumi config set --secret --path 'groundwork:${at}.keystores.jks.password'`,
    ]);
    assert.equal(tried({ keystores: { pkcs12: { password: Secret.of("") } } }).length, 1);
    assert.deepEqual(tried({ keystores: { pkcs12: { password: Secret.sealed() } } }), []);
  });

  it("that sign themselves are better off with a common name", () => {
    const signed = (more: Raw): string[] =>
      warnings(
        issuing(
          { web: { issuer: "own", names: ["nas.local"], ...more } },
          { issuers: { ...issuers, own: { type: "self-signed" } } },
        ),
      );
    assert.deepEqual(signed({ commonName: "nas.local" }), []);
    assert.deepEqual(signed({}), [
      `${at}.commonName: is not given, so that the self-signed certificate has an issuer without a name, which some programs refuse; write one, e.g. the first of names`,
    ]);
  });

  it("have a Secret each, and a name that no issuer has taken", () => {
    const web = { issuer: "house", names: ["www.example.org"], secretName: "tls" };
    assert.deepEqual(errors(issuing({ a: web, b: { ...web, namespace: "apps" }, c: web })), [
      "certificates.issued.c.secretName: the Secret default/tls is that of certificate 'a' already; write another secretName",
    ]);
    assert.deepEqual(errors(issuing({ "house-ca": web })), [
      "certificates.issued.house-ca: is the name of an issuer's own certificate; give the certificate another name",
    ]);
  });
});
