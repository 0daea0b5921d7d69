import * as assert from "node:assert/strict";
import { resourcesOf } from "../../addons/resources";
import { Secret } from "../../config/secret";
import { build, type BuiltResource } from "../components/inCluster";
import { desiredOf, find, plainTexts } from "../program";

type Raw = Record<string, unknown>;
const CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate";

function desired(issued: Raw, more: Raw = {}): ReturnType<typeof desiredOf> {
  return desiredOf({
    certificates: { certManager: true, issued },
    issuers: { house: { type: "self-signed" } },
    namespaces: { apps: {} },
    ...more,
  });
}

async function built(issued: Raw, more: Raw = {}): Promise<BuiltResource[]> {
  return build(desired(issued, more).groups);
}

/** The spec of the one certificate `web`, with settings beside its issuer and name. */
async function specOf(settings: Raw = {}): Promise<Raw> {
  const resources = await built({ web: { issuer: "house", names: ["www.example.org"], ...settings } });
  return find(resources, "web", CERTIFICATE).inputs["spec"] as Raw;
}

describe("certificates", () => {
  it("are, with nothing but an issuer and a name", async () => {
    const resources = await built({ web: { issuer: "house", names: ["www.example.org"] } });
    const { metadata, spec } = find(resources, "web", CERTIFICATE).inputs;
    assert.deepEqual(metadata, { name: "web", namespace: "default" });
    assert.deepEqual(spec, {
      secretName: "web",
      issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: "house" },
      dnsNames: ["www.example.org"],
      duration: "2160h",
      renewBefore: "360h",
      privateKey: { algorithm: "RSA", size: 4096, encoding: "PKCS1", rotationPolicy: "Always" },
      usages: ["server auth", "client auth"],
    });
  });

  it("are, with everything set", async () => {
    const settings = {
      namespace: "apps",
      issuer: "house",
      names: ["*.example.org"],
      ipAddresses: ["10.0.0.1", "fd00::1"],
      uris: ["spiffe://example.org/web"],
      commonName: "web",
      secretName: "web-tls",
      duration: "24h",
      renewBeforePercentage: 25,
      privateKey: { algorithm: "ECDSA", rotationPolicy: "Never", encoding: "PKCS8" },
      usages: ["server auth"],
      labels: { team: "x" },
    };
    const { metadata, spec } = find(await built({ web: settings }), "web", CERTIFICATE).inputs;
    assert.deepEqual(metadata, { name: "web", namespace: "apps", labels: { team: "x" } });
    assert.deepEqual(spec, {
      secretName: "web-tls",
      issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: "house" },
      commonName: "web",
      dnsNames: ["*.example.org"],
      ipAddresses: ["10.0.0.1", "fd00::1"],
      uris: ["spiffe://example.org/web"],
      duration: "24h",
      renewBeforePercentage: 25,
      privateKey: { algorithm: "ECDSA", size: 256, encoding: "PKCS8", rotationPolicy: "Never" },
      usages: ["server auth"],
    });
  });

  it("that live short are renewed when a third of their life is left, which is cert-manager's own way", async () => {
    const renewBefore = async (settings: Raw): Promise<unknown> => (await specOf(settings))["renewBefore"];
    assert.equal(await renewBefore({ duration: "1080h" }), "360h");
    assert.equal(await renewBefore({ duration: "1079h59m" }), undefined);
    assert.equal(await renewBefore({ duration: "100h", renewBefore: "10h" }), "10h");
  });

  it("keep the passwords of their keystores in a Secret beside them", async () => {
    const keystores = { pkcs12: { password: Secret.of("P12-CANARY") }, jks: { password: Secret.of("JKS-CANARY") } };
    const resources = await built({
      web: { issuer: "house", names: ["www.example.org"], namespace: "apps", keystores },
    });
    const { spec } = find(resources, "web", CERTIFICATE).inputs;
    assert.deepEqual((spec as Raw)["keystores"], {
      pkcs12: { create: true, profile: "Modern2023", passwordSecretRef: { name: "web-keystores", key: "pkcs12" } },
      jks: { create: true, alias: "certificate", passwordSecretRef: { name: "web-keystores", key: "jks" } },
    });
    const secret = find(resources, "web-keystores").inputs;
    assert.deepEqual(secret["metadata"], { name: "web-keystores", namespace: "apps" });
    assert.match(JSON.stringify(secret["stringData"]), /"jks":"JKS-CANARY","pkcs12":"P12-CANARY"/);
    const texts = resources.flatMap(({ inputs }) => plainTexts(inputs));
    assert.deepEqual(
      texts.filter((text) => text.includes("CANARY")),
      [],
    );
  });

  it("wait for cert-manager, their namespace, their passwords and their issuer", async () => {
    const keystores = { jks: { password: Secret.of("x") } };
    const ingress = { controller: "ingress-nginx" };
    const certificate = { issuer: "house", names: ["www.example.org"] };
    const after = async (namespace: string): Promise<readonly string[]> => {
      const resources = await built({ web: { ...certificate, namespace, keystores } }, { ingress });
      return (find(resources, "web", CERTIFICATE) as BuiltResource).options.dependsOn;
    };
    assert.deepEqual(await after("apps"), ["cert-manager", "apps", "web-keystores", "house"]);
    assert.deepEqual(await after("default"), ["cert-manager", "web-keystores", "house"]);
    // A namespace of an add-on, which is made before.
    assert.deepEqual(await after("ingress-nginx"), ["cert-manager", "ingress-nginx", "web-keystores", "house"]);
  });

  it("may have the name of their issuer, each with a summary of its own", () => {
    const groups = desired({ house: { issuer: "house", names: ["a.example.org", "b.example.org"] } }).groups;
    const summaries = resourcesOf(groups).flatMap((each) =>
      each.is === "object" && each.name === "house" ? [`${each.kind}: ${each.summary ?? ""}`] : [],
    );
    assert.deepEqual(summaries, [
      "ClusterIssuer: self-signed",
      "Certificate: a.example.org, b.example.org by house, in the Secret default/house, renewed 360h before its end",
    ]);
  });

  it("make nothing where a stack names none", () => {
    assert.doesNotMatch(JSON.stringify(desired({}).groups.map(({ type }) => type)), /Certificates/);
  });
});
