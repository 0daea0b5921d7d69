import assert from "node:assert/strict";
import { causeOf } from "../../../operate/certificate/causes";

/** What cert-manager 1.21 and authorities say, and the cause behind it. */
const SAID: readonly (readonly [string, string])[] = [
  ["DNS update failed: dns: bad signature", "tsig-signature"],
  ["DNS update failed: dns: bad key", "tsig-key"],
  ["DNS update failed: dns: bad time", "tsig-time"],
  ["DNS update failed: error decoding the provided TSIG secret: illegal base64 data at input byte 4", "tsig-encoding"],
  ["DNS update failed. Server replied: NOTAUTH", "update-notauth"],
  ["DNS update failed. Server replied: NOTZONE", "update-notauth"],
  ["DNS update failed. Server replied: REFUSED", "update-refused"],
  ["DNS update failed: read udp 10.42.0.7:4242->192.0.2.1:53: i/o timeout", "nameserver-silent"],
  ['Referenced "ClusterIssuer" not found: clusterissuer.cert-manager.io "le" not found', "issuer-missing"],
  ["Referenced issuer does not have a Ready status condition", "issuer-not-ready"],
  ['Error getting keypair for CA issuer: secrets "ca-keypair" not found', "secret-missing"],
  ['failed to load secret "cert-manager/le-tsig": secret "le-tsig" not found', "secret-missing"],
  ['no key "tsig-secret" in secret "cert-manager/le-tsig"', "secret-missing"],
  ["the server could not find the requested resource (post hetzner.acme.example.org)", "webhook"],
  [
    "Failed to determine a valid solver configuration for the set of domains on the Order: no configured challenge solvers can be used for this challenge",
    "no-solver",
  ],
  ["The CertificateRequest was denied by an approval controller", "denied"],
  [
    "Failed to register ACME account: 400 urn:ietf:params:acme:error:invalidContact: Error validating contact(s) :: unable to parse email address",
    "email",
  ],
  ["Failed to register ACME account: 400 urn:ietf:params:acme:error:externalAccountRequired: …", "external-account"],
  [
    "Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-11-29 10:00:00 UTC",
    "rate-limit",
  ],
  ["Failed to verify ACME account: 400 urn:ietf:params:acme:error:accountDoesNotExist: …", "account"],
  [
    'Failed to register ACME account: Get "https://ca.internal/acme": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    "authority-unknown-ca",
  ],
  [
    'Failed to register ACME account: Get "https://acme-v02.api.letsencrypt.org/directory": dial tcp: lookup acme-v02.api.letsencrypt.org on 10.43.0.10:53: no such host',
    "authority-silent",
  ],
  ["403 urn:ietf:params:acme:error:caa: CAA record for example.org prevents issuance", "caa"],
  [
    "Failed to create Order: 400 urn:ietf:params:acme:error:rejectedIdentifier: Domain name does not end with a valid public suffix (TLD)",
    "name-refused",
  ],
  ["Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'", "http01-not-found"],
  [
    "Waiting for HTTP-01 challenge propagation: failed to perform self check GET request 'http://w.example.org/.well-known/acme-challenge/x': Get \"http://w.example.org/.well-known/acme-challenge/x\": dial tcp 192.0.2.1:80: connect: connection refused",
    "http01-unreachable",
  ],
  [
    "Error accepting authorization: acme: authorization error for w.example.org: 400 urn:ietf:params:acme:error:connection: 192.0.2.1: Fetching http://w.example.org/: Timeout during connect (likely firewall problem)",
    "http01-unreachable",
  ],
  [
    "Error presenting challenge: ingress contains invalid paths: path /.well-known/acme-challenge/x cannot be used with pathType Exact",
    "http01-path-type",
  ],
  ['Could not determine the zone for "_acme-challenge.w.example.org.": …', "wrong-zone"],
  [
    "When querying the SOA record for the domain '_acme-challenge.w.example.org.' using nameservers [10.43.0.10:53], rcode was expected to be 'NOERROR' or 'NXDOMAIN', but got 'REFUSED'",
    "wrong-zone",
  ],
  ['Waiting for DNS-01 challenge propagation: DNS record for "w.example.org" not yet propagated', "propagation"],
  [
    'Error accepting authorization: acme: authorization error for w.example.org: 403 urn:ietf:params:acme:error:unauthorized: Incorrect TXT record "old" found at _acme-challenge.w.example.org',
    "incorrect-record",
  ],
  [
    "400 urn:ietf:params:acme:error:dns: DNS problem: NXDOMAIN looking up TXT for _acme-challenge.w.example.org",
    "authority-dns",
  ],
];

describe("known causes of a missing certificate", () => {
  for (const [said, cause] of SAID) {
    it(`${cause}: ${said.slice(0, 70)}`, () => {
      const known = causeOf(said, "le");
      assert.equal(known?.cause, cause);
      assert.ok(!known.remedy.includes("ISSUER"));
    });
  }

  it("names the issuer, and guesses nothing of words that are not known", () => {
    assert.match(causeOf("DNS update failed: dns: bad signature", "le-dns")?.remedy ?? "", /than in le-dns;/);
    assert.equal(causeOf("Issuing certificate as Secret does not exist", "le"), undefined);
    assert.equal(causeOf('Waiting on certificate issuance from order shop/web-1-1234: "pending"', "le"), undefined);
  });
});
