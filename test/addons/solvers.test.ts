import * as assert from "node:assert/strict";
import { certManagerValues } from "../../addons/cert-manager/values";
import { resourcesOf } from "../../addons/resources";
import { Secret } from "../../config/secret";
import { build, type BuiltResource } from "../components/inCluster";
import { desiredOf, find, plainTexts, settingsOf } from "../program";
import { LEAF } from "./checks/pems";

type Raw = Record<string, unknown>;
const CANARY = "Q0FOQVJZ";
const secret = Secret.of(CANARY);

const credentials: Record<string, Raw> = {
  ns: { type: "rfc2136", tsigKeyName: "acme.", tsigSecret: secret },
  cf: { type: "cloudflare", apiToken: secret },
  aws: { type: "route53", accessKeyID: "AKIA1", secretAccessKey: secret },
  do: { type: "digitalocean", token: secret },
  az: { type: "azureDNS", tenantID: "t", clientID: "c", clientSecret: secret },
  gcp: { type: "cloudDNS", serviceAccount: secret },
  ad: { type: "acmeDNS", accounts: secret },
  mine: { type: "other", values: { "api-key": secret } },
};

function desired(issuer: Raw): ReturnType<typeof desiredOf> {
  const certificates = { certManager: true, email: "admin@example.org", credentials };
  return desiredOf({ certificates, issuers: { le: { type: "acme", server: "production", ...issuer } } });
}

async function built(issuer: Raw): Promise<BuiltResource[]> {
  return build(desired(issuer).groups);
}

/** What a solver of a stack's file is in cert-manager's words. */
async function solverOf(solver: Raw): Promise<unknown> {
  const { inputs } = find(await built({ solvers: [solver] }), "le", "kubernetes:cert-manager.io/v1:ClusterIssuer");
  return ((inputs["spec"] as Raw)["acme"] as { solvers: unknown[] }).solvers[0];
}

describe("solvers", () => {
  const cases: Record<string, [Raw, Raw]> = {
    rfc2136: [
      { nameserver: "ns1.example.org", credentials: "ns" },
      {
        nameserver: "ns1.example.org:53",
        tsigKeyName: "acme.",
        tsigAlgorithm: "HMACSHA512",
        tsigSecretSecretRef: { name: "ns-credentials", key: "tsig-secret" },
      },
    ],
    cloudflare: [{ credentials: "cf" }, { apiTokenSecretRef: { name: "cf-credentials", key: "api-token" } }],
    route53: [
      { credentials: "aws", region: "eu-central-1", hostedZoneID: "Z1" },
      {
        region: "eu-central-1",
        hostedZoneID: "Z1",
        accessKeyID: "AKIA1",
        secretAccessKeySecretRef: { name: "aws-credentials", key: "secret-access-key" },
      },
    ],
    digitalocean: [{ credentials: "do" }, { tokenSecretRef: { name: "do-credentials", key: "access-token" } }],
    azureDNS: [
      { credentials: "az", subscriptionID: "s", resourceGroupName: "r", hostedZoneName: "example.org" },
      {
        subscriptionID: "s",
        resourceGroupName: "r",
        hostedZoneName: "example.org",
        environment: "AzurePublicCloud",
        tenantID: "t",
        clientID: "c",
        clientSecretSecretRef: { name: "az-credentials", key: "client-secret" },
      },
    ],
    cloudDNS: [
      { credentials: "gcp", project: "p" },
      { project: "p", serviceAccountSecretRef: { name: "gcp-credentials", key: "key.json" } },
    ],
    acmeDNS: [
      { credentials: "ad", host: "https://auth.example.org" },
      { host: "https://auth.example.org", accountSecretRef: { name: "ad-credentials", key: "acmedns.json" } },
    ],
    webhook: [
      { groupName: "acme.example.org", solverName: "netcup", config: { secretRef: "mine-credentials" } },
      { groupName: "acme.example.org", solverName: "netcup", config: { secretRef: "mine-credentials" } },
    ],
  };
  for (const [type, [given, wanted]] of Object.entries(cases)) {
    it(`of type ${type} are cert-manager's own`, async () => {
      assert.deepEqual(await solverOf({ type, ...given }), { dns01: { [type]: wanted } });
    });
  }

  it("may go without credentials where a node has a role of its own", async () => {
    assert.deepEqual(await solverOf({ type: "route53", region: "eu-west-1", role: "arn:aws:iam::1:role/dns" }), {
      dns01: { route53: { region: "eu-west-1", role: "arn:aws:iam::1:role/dns" } },
    });
    const azure = { subscriptionID: "s", resourceGroupName: "r" };
    assert.deepEqual(await solverOf({ type: "azureDNS", ...azure, managedIdentity: { clientID: "m" } }), {
      dns01: { azureDNS: { ...azure, environment: "AzurePublicCloud", managedIdentity: { clientID: "m" } } },
    });
    assert.deepEqual(await solverOf({ type: "cloudDNS", project: "p" }), { dns01: { cloudDNS: { project: "p" } } });
  });

  it("say what they are for, and follow a delegation where it is asked for", async () => {
    const given = {
      credentials: "cf",
      cnameStrategy: "Follow",
      zones: ["a.org"],
      names: ["www.b.org"],
      matchLabels: { team: "x" },
    };
    assert.deepEqual(await solverOf({ type: "cloudflare", ...given }), {
      dns01: {
        cnameStrategy: "Follow",
        cloudflare: { apiTokenSecretRef: { name: "cf-credentials", key: "api-token" } },
      },
      selector: { dnsZones: ["a.org"], dnsNames: ["www.b.org"], matchLabels: { team: "x" } },
    });
  });

  it("prove by HTTP through an ingress class or a Gateway", async () => {
    assert.deepEqual(await solverOf({ type: "http01" }), { http01: { ingress: { ingressClassName: "nginx" } } });
    const ingress = { ingressClassName: "web", serviceType: "ClusterIP", annotations: { a: "b" } };
    assert.deepEqual(await solverOf({ type: "http01", ...ingress }), {
      http01: {
        ingress: {
          ingressClassName: "web",
          serviceType: "ClusterIP",
          ingressTemplate: { metadata: { annotations: { a: "b" } } },
        },
      },
    });
    const parentRefs = [{ name: "web", namespace: "ingress", sectionName: "http" }];
    assert.deepEqual(await solverOf({ type: "http01-gateway", parentRefs, labels: { a: "b" } }), {
      http01: {
        gatewayHTTPRoute: {
          parentRefs: [{ name: "web", namespace: "ingress", sectionName: "http", kind: "Gateway" }],
          labels: { a: "b" },
        },
      },
    });
  });

  it("that are custom go as they are", async () => {
    const solver = { dns01: { cloudflare: { email: "a@b.org", apiKeySecretRef: { name: "x", key: "y" } } } };
    assert.deepEqual(await solverOf({ type: "custom", solver, zones: ["b.org"] }), {
      ...solver,
      selector: { dnsZones: ["b.org"] },
    });
  });
});

describe("an ACME issuer", () => {
  it("is of any authority", async () => {
    const { inputs } = find(
      await built({
        server: "https://acme.example.org/directory",
        caBundle: LEAF,
        externalAccount: { keyID: "kid", key: Secret.of("a+/b=\n") },
        preferredChain: "ISRG Root X1",
        profile: "tlsserver",
        solvers: [{ type: "cloudflare", credentials: "cf" }],
      }),
      "le",
      "kubernetes:cert-manager.io/v1:ClusterIssuer",
    );
    const { solvers, ...rest } = (inputs["spec"] as Raw)["acme"] as Raw;
    assert.ok(solvers);
    assert.deepEqual(rest, {
      server: "https://acme.example.org/directory",
      email: "admin@example.org",
      caBundle: Buffer.from(LEAF).toString("base64"),
      externalAccountBinding: { keyID: "kid", keySecretRef: { name: "le-eab", key: "eab-key" } },
      preferredChain: "ISRG Root X1",
      profile: "tlsserver",
      privateKeySecretRef: { name: "le-account-key" },
    });
  });

  it("gives the key of its external account in the alphabet that cert-manager reads", async () => {
    const resources = await built({
      externalAccount: { keyID: "kid", key: Secret.of("a+/b=\n") },
      solvers: [{ type: "cloudflare", credentials: "cf" }],
    });
    assert.match(JSON.stringify(find(resources, "le-eab").inputs["stringData"]), /"a-_b"/);
  });

  it("shares its credentials, and waits for those that it reads", async () => {
    const solvers = [
      { type: "cloudflare", credentials: "cf" },
      { type: "webhook", groupName: "g", solverName: "s" },
    ];
    const resources = await built({ solvers });
    const issuer = find(resources, "le", "kubernetes:cert-manager.io/v1:ClusterIssuer") as BuiltResource;
    assert.deepEqual(issuer.options.dependsOn, ["cert-manager", "cf-credentials", "mine-credentials"]);
    assert.deepEqual(
      resources.filter(({ name }) => name.endsWith("-credentials")).map(({ name }) => name),
      Object.keys(credentials)
        .map((name) => `${name}-credentials`)
        .sort(),
    );
    assert.deepEqual(
      resources.flatMap(({ inputs }) => plainTexts(inputs)).filter((text) => text.includes(CANARY)),
      [],
    );
  });

  it("is summed up by its authority and its ways", () => {
    const solvers = [
      { type: "cloudflare", credentials: "cf", zones: ["a.org"] },
      { type: "http01", matchLabels: { team: "x" } },
    ];
    const texts = (server: string): (string | undefined)[] =>
      resourcesOf(desired({ server, solvers }).groups).flatMap((each) =>
        each.is === "object" && each.kind === "ClusterIssuer" ? [each.summary] : [],
      );
    const ways = "by DNS-01 (Cloudflare) for a.org; HTTP-01 for team=x";
    assert.deepEqual(texts("staging"), [`Let's Encrypt staging ${ways}`]);
    assert.deepEqual(texts("https://ca.lan:9000/acme/directory"), [`ca.lan:9000 ${ways}`]);
  });

  it("has cert-manager look for Gateways where one answers", () => {
    const { certificates } = settingsOf();
    assert.equal(certManagerValues(certificates)["config"], undefined);
    assert.deepEqual(certManagerValues(certificates, { usesGateways: true })["config"], {
      apiVersion: "controller.config.cert-manager.io/v1alpha1",
      kind: "ControllerConfiguration",
      enableGatewayAPI: true,
    });
  });
});

describe("a self-signed issuer", () => {
  it("is nothing but that", () => {
    const groups = desiredOf({ certificates: { certManager: true }, issuers: { own: { type: "self-signed" } } }).groups;
    const issuers = resourcesOf(groups).flatMap((each) =>
      each.is === "object" && each.kind === "ClusterIssuer" ? [each] : [],
    );
    assert.deepEqual(
      issuers.map(({ name, fields }) => [name, fields["spec"]]),
      [["own", { selfSigned: {} }]],
    );
  });
});
