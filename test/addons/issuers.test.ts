import * as assert from "node:assert/strict";
import { Secret } from "../../config/secret";
import { desiredOf, find, isSecret, plainTexts } from "../program";
import { build, type BuiltResource } from "../components/inCluster";

const TSIG = "VFNJRy1DQU5BUlktQkFTRTY0";
const KEY = "-----BEGIN PRIVATE KEY-----\nKEY-CANARY\n-----END PRIVATE KEY-----\n";
const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nTEVTVA==\n-----END CERTIFICATE-----\n";
const dns = {
  type: "acme-dns01",
  server: "staging",
  nameserver: "192.168.10.1",
  tsigKeyName: "k3s-acme",
  tsigSecret: Secret.of(TSIG),
  zones: ["home.example.org"],
};
const all = {
  internal: { type: "ca", commonName: "Homelab CA" },
  brought: { type: "ca", certificate: CERTIFICATE, privateKey: Secret.of(KEY) },
  "letsencrypt-staging": { type: "acme-http01", server: "staging" },
  letsencrypt: { type: "acme-http01", server: "production", email: "ops@example.org" },
  "letsencrypt-dns": dns,
};

async function built(issuers: Record<string, unknown>, given = {}): Promise<BuiltResource[]> {
  const certificates = { certManager: true, email: "admin@example.org" };
  const groups = desiredOf({ issuers, certificates, ingress: { className: "web" } }).groups;
  const resources = await build(groups, given);
  return resources.filter(
    ({ name, type }) => !/^groundwork:(addons|namespaces):/.test(type) && name !== "cert-manager",
  );
}

const ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer";

function spec(resources: readonly BuiltResource[], name: string): unknown {
  return find(resources, name, ISSUER).inputs["spec"];
}

describe("ClusterIssuers", () => {
  it("are named as their objects, and what belongs to one begins with its name", async () => {
    const resources = (await built(all)).filter((one) => one.type.startsWith("kubernetes:"));
    assert.deepEqual(
      resources.map((one) => `${one.name} ${one.type}`),
      [
        `brought ${ISSUER}`,
        "brought-keypair kubernetes:core/v1:Secret",
        `internal ${ISSUER}`,
        "internal-ca kubernetes:cert-manager.io/v1:Certificate",
        `internal-selfsigned ${ISSUER}`,
        `letsencrypt ${ISSUER}`,
        `letsencrypt-dns ${ISSUER}`,
        "letsencrypt-dns-tsig kubernetes:core/v1:Secret",
        `letsencrypt-staging ${ISSUER}`,
      ],
    );
    for (const { name, inputs } of resources) assert.equal((inputs["metadata"] as { name: string }).name, name);
  });

  it("make an authority in the cluster whose key outlives its renewals", async () => {
    const resources = await built(all);
    assert.deepEqual(spec(resources, "internal-selfsigned"), { selfSigned: {} });
    const certificate = find(resources, "internal-ca");
    assert.deepEqual(certificate.inputs["metadata"], { name: "internal-ca", namespace: "cert-manager" });
    assert.deepEqual(certificate.inputs["spec"], {
      isCA: true,
      commonName: "Homelab CA",
      secretName: "internal-ca",
      duration: "87600h",
      renewBefore: "8760h",
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Never" },
      issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: "internal-selfsigned" },
    });
    assert.deepEqual(spec(resources, "internal"), { ca: { secretName: "internal-ca" } });
  });

  it("take an authority that is brought along", async () => {
    const resources = await built(all);
    assert.deepEqual(spec(resources, "brought"), { ca: { secretName: "brought-keypair" } });
    const { type, metadata } = find(resources, "brought-keypair").inputs;
    assert.equal(type, "kubernetes.io/tls");
    assert.deepEqual(metadata, { name: "brought-keypair", namespace: "cert-manager" });
  });

  it("tell what browsers are to trust, and never a key", () => {
    const { authorities } = desiredOf({ issuers: all, certificates: { certManager: true } }).outputs;
    assert.deepEqual(authorities, {
      internal: `kubectl get secret internal-ca --namespace cert-manager -o go-template='{{index .data "tls.crt" | base64decode}}'`,
      brought: CERTIFICATE,
    });
  });

  it("prove by HTTP through the stack's ingress class", async () => {
    const resources = await built(all);
    assert.deepEqual(spec(resources, "letsencrypt-staging"), {
      acme: {
        server: "https://acme-staging-v02.api.letsencrypt.org/directory",
        email: "admin@example.org",
        privateKeySecretRef: { name: "letsencrypt-staging-account-key" },
        solvers: [{ http01: { ingress: { ingressClassName: "web" } } }],
      },
    });
    assert.deepEqual(spec(resources, "letsencrypt"), {
      acme: {
        server: "https://acme-v02.api.letsencrypt.org/directory",
        email: "ops@example.org",
        privateKeySecretRef: { name: "letsencrypt-account-key" },
        solvers: [{ http01: { ingress: { ingressClassName: "web" } } }],
      },
    });
  });

  it("prove by DNS for their zones, with the TSIG key as the name server shows it", async () => {
    const resources = await built(all);
    assert.deepEqual(spec(resources, "letsencrypt-dns"), {
      acme: {
        server: "https://acme-staging-v02.api.letsencrypt.org/directory",
        email: "admin@example.org",
        privateKeySecretRef: { name: "letsencrypt-dns-account-key" },
        solvers: [
          {
            dns01: {
              rfc2136: {
                nameserver: "192.168.10.1:53",
                tsigKeyName: "k3s-acme",
                tsigAlgorithm: "HMACSHA512",
                tsigSecretSecretRef: { name: "letsencrypt-dns-tsig", key: "tsig-secret" },
              },
            },
            selector: { dnsZones: ["home.example.org"] },
          },
        ],
      },
    });
    const { stringData } = find(resources, "letsencrypt-dns-tsig").inputs;
    assert.ok(isSecret(stringData) || isSecret((stringData as Record<string, unknown>)["tsig-secret"]));
    // The text itself, not encoded once more.
    assert.match(JSON.stringify(stringData), new RegExp(`"${TSIG}"`));
  });

  it("answer for every zone when none is named", async () => {
    const resources = await built({ dns: { ...dns, zones: [] } });
    assert.doesNotMatch(JSON.stringify(spec(resources, "dns")), /selector/);
  });

  it("never give a secret away", async () => {
    for (const preview of [false, true]) {
      const texts = (await built(all, { preview })).flatMap((one) => plainTexts(one.inputs));
      assert.deepEqual(
        texts.filter((text) => text.includes("CANARY") || text.includes(TSIG)),
        [],
      );
    }
  });

  it("show [secret] where a plan does not know the secret", async () => {
    const { tsigSecret, ...unset } = dns;
    assert.ok(tsigSecret);
    for (const issuer of [{ ...dns, tsigSecret: Secret.sealed() }, unset]) {
      const { stringData } = find(await built({ dns: issuer }), "dns-tsig").inputs;
      assert.match(JSON.stringify(stringData), /\[secret\]/);
    }
  });

  it("wait for cert-manager, and for what they refer to", async () => {
    const resources = await built(all);
    for (const one of resources.filter((each) => each.type.startsWith("kubernetes:"))) {
      assert.ok(one.options.dependsOn.includes("cert-manager"), one.name);
      assert.equal(one.options.deletedWith, "first-server");
    }
    const after = (name: string): readonly string[] => (find(resources, name) as BuiltResource).options.dependsOn;
    assert.deepEqual(after("internal"), ["cert-manager", "internal-ca"]);
    assert.deepEqual(after("internal-ca"), ["cert-manager", "internal-selfsigned"]);
    assert.deepEqual(after("letsencrypt-dns"), ["cert-manager", "letsencrypt-dns-tsig"]);
  });

  it("keep every name when one is taken out of the middle", async () => {
    const names = (resources: BuiltResource[]): string[] => resources.map((one) => `${one.name} ${one.type}`);
    const { letsencrypt, ...fewer } = all;
    assert.ok(letsencrypt);
    const left = names(await built(fewer));
    assert.deepEqual(
      names(await built(all)).filter((name) => left.includes(name)),
      left,
    );
  });
});
