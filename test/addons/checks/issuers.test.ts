import * as assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { Secret } from "../../../config/secret";
import { errors, stack, warnings } from "../../config/fixtures";
import { CERTIFICATE, LEAF } from "./pems";

const certificates = { certManager: true, email: "ops@site.example.org" };
const http01 = { type: "acme-http01", server: "staging" };
const dns01 = (more: object = {}): object => ({
  type: "acme-dns01",
  server: "staging",
  nameserver: "10.0.0.1",
  tsigKeyName: "acme",
  tsigSecret: Secret.sealed(),
  ...more,
});

describe("issuers", () => {
  it("leave the name of an authority's helper free", () => {
    const issuers = { house: { type: "ca" }, "house-selfsigned": { type: "ca" } };
    assert.deepEqual(errors(stack({ issuers, certificates })), [
      "issuers.house-selfsigned: is the name of a helper of issuer 'house'; give the issuer another name",
    ]);
  });

  it("need cert-manager", () => {
    assert.deepEqual(errors(stack({ issuers: { internal: { type: "ca" } } })), [
      "issuers: are objects of cert-manager, which is not installed; write certificates.certManager: true",
    ]);
  });

  it("of ACME need an email", () => {
    assert.deepEqual(errors(stack({ issuers: { le: dns01() }, certificates: { certManager: true } })), [
      "issuers.le.email: is missing, and so is certificates.email; write the address that Let's Encrypt sends notices to",
    ]);
  });

  it("of ACME need an email that Let's Encrypt takes", () => {
    const tried = (email: string, own?: string): string[] =>
      errors(
        stack({
          issuers: { le: dns01({ email: own }), in: { type: "ca" } },
          certificates: { certManager: true, email },
        }),
      );
    assert.deepEqual(tried("me@example.com"), [
      "certificates.email: me@example.com is an address of an example, which Let's Encrypt refuses; write one that is read",
    ]);
    assert.deepEqual(tried("me@example.com", "me@Example.org"), [
      "issuers.le.email: me@Example.org is an address of an example, which Let's Encrypt refuses; write one that is read",
    ]);
    assert.deepEqual(tried("me@home.example.com"), []);
    assert.deepEqual(errors(stack({ certificates: { certManager: true, email: "me@example.com" } })), []);
  });

  it("of DNS-01 answer for whole zones", () => {
    assert.deepEqual(
      errors(stack({ issuers: { le: dns01({ zones: ["home.example.org", "nodot"] }) }, certificates })),
      [
        'issuers.le.zones[1]: "nodot" is not a zone that Let\'s Encrypt gives certificates for; write its whole name, e.g. home.example.org',
      ],
    );
  });

  it("of HTTP-01 need an ingress controller", () => {
    assert.deepEqual(errors(stack({ issuers: { le: http01 }, certificates })), [
      "issuers.le.type: acme-http01 is answered by the ingress class 'nginx', and no controller of it is installed; write ingress.controller: ingress-nginx, or ingress.className with the class that you bring",
    ]);
  });

  it("of HTTP-01 may use k3s's traefik", () => {
    const raw = stack({ issuers: { le: http01 }, certificates, ingress: { className: "traefik" } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), []);
  });

  it("of HTTP-01 may use a controller of your own, with a warning", () => {
    const raw = stack({ issuers: { le: http01 }, certificates, ingress: { className: "haproxy" } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "issuers.le.type: acme-http01 is answered by the ingress class 'haproxy', which is not installed from here; see to it that the class exists",
    ]);
  });

  it("of HTTP-01 are asked on port 80", () => {
    assert.deepEqual(
      warnings(
        stack({
          issuers: { le: http01 },
          certificates,
          ingress: {
            controller: "ingress-nginx",
            version: "9.9.9",
            serviceType: "NodePort",
            nodePorts: { http: 30080 },
          },
          k3s: { disable: ["traefik"] },
        }),
      ),
      [
        "issuers.le.type: acme-http01 is asked on port 80, and the ingress listens on node port 30080; see to it that port 80 of the site is passed on to it",
      ],
    );
  });

  it("of DNS-01 need the name server's name or address", () => {
    const tried = (nameserver: string): string[] =>
      errors(stack({ issuers: { le: dns01({ nameserver }) }, certificates }));
    for (const good of ["ns1.example.org", "ns1.example.org:5353", "10.0.0.1:53", "2001:db8::1", "[2001:db8::1]:53"]) {
      assert.deepEqual(tried(good), [], good);
    }
    const remedy =
      "write the name server's name or address, with or without port, e.g. 192.0.2.53:53 or ns1.example.org";
    for (const bad of ["ns1 example", "ns1:port", "", "10.0.0.1:99999"]) {
      assert.deepEqual(tried(bad), [`issuers.le.nameserver: "${bad}" is neither a name nor an address; ${remedy}`]);
    }
    assert.deepEqual(tried("127.0.0.1:53"), [
      `issuers.le.nameserver: 127.0.0.1:53 is a loopback address: in a pod it is the pod itself; ${remedy}`,
    ]);
  });

  it("of DNS-01 need a TSIG secret", () => {
    assert.deepEqual(errors(stack({ issuers: { le: dns01({ tsigSecret: undefined }) }, certificates })), [
      "issuers.le.tsigSecret: is not set; set it with: pulumi config set --secret --path 'groundwork:issuers.le.tsigSecret'",
    ]);
  });

  it("of DNS-01 need the TSIG secret as base64", () => {
    assert.deepEqual(
      errors(stack({ issuers: { le: dns01({ tsigSecret: Secret.of("not base64!") }) }, certificates })),
      [
        "issuers.le.tsigSecret: is not base64; set the 'secret' of the name server's key clause as it stands there, without encoding it again",
      ],
    );
  });

  it("of DNS-01 take the TSIG secret as the name server shows it", () => {
    const raw = stack({ issuers: { le: dns01({ tsigSecret: Secret.of("c2VjcmV0\n") }) }, certificates });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), []);
  });

  it("of DNS-01 ask the world in their self-check, with a warning where the site is asked", () => {
    const raw = stack({ issuers: { le: dns01() }, certificates, dns: { upstream: ["192.168.10.1"] } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "certificates.dns01Nameservers: is empty, so cert-manager looks for its DNS-01 records at the site's own resolvers " +
        '(dns.upstream); write resolvers that answer for the world, e.g. ["8.8.8.8:53", "1.1.1.1:53"], unless the site\'s ' +
        "answer the same",
    ]);
  });

  it("of a CA need a certificate with a key", () => {
    assert.deepEqual(errors(stack({ issuers: { own: { type: "ca", privateKey: Secret.sealed() } }, certificates })), [
      "issuers.own.certificate: is missing, but privateKey is set; write the authority's certificate (PEM), or remove the key to have an authority made",
    ]);
  });

  it("of a CA need a certificate that is one", () => {
    assert.deepEqual(
      errors(stack({ issuers: { own: { type: "ca", certificate: "x", privateKey: Secret.sealed() } }, certificates })),
      ["issuers.own.certificate: is not a certificate; write it in PEM: -----BEGIN CERTIFICATE-----"],
    );
  });

  it("of a CA need a key with a certificate", () => {
    assert.deepEqual(errors(stack({ issuers: { own: { type: "ca", certificate: CERTIFICATE } }, certificates })), [
      "issuers.own.privateKey: is not set, but certificate is; set it with: pulumi config set --secret --path 'groundwork:issuers.own.privateKey' < FILE",
    ]);
  });

  it("of a CA need the certificate of an authority, and its own key", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const key = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    const tried = (certificate: string, text: string): string[] =>
      errors(stack({ issuers: { own: { type: "ca", certificate, privateKey: Secret.of(text) } }, certificates }));
    assert.deepEqual(tried(LEAF, key), [
      "issuers.own.certificate: is not an authority's certificate; bring one that may sign others (CA:TRUE)",
    ]);
    const remedy =
      "set the key that the certificate was made with: pulumi config set --secret --path 'groundwork:issuers.own.privateKey' < FILE";
    assert.deepEqual(tried(CERTIFICATE, key), [`issuers.own.privateKey: is not the key of the certificate; ${remedy}`]);
    assert.deepEqual(tried(CERTIFICATE, "KEY-CANARY"), [
      `issuers.own.privateKey: is not a private key in PEM without a passphrase; ${remedy}`,
    ]);
  });
});
