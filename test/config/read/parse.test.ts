import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { parseSettings } from "../../../config/read/parse";
import { problemLine } from "../../../config/problem";
import { Secret } from "../../../config/secret";
import { settingsSchema } from "../../../config/read/schema";
import { errors, hostKeys, node, stack } from "../fixtures";

describe("parseSettings", () => {
  it("fills in the defaults", () => {
    const { settings, problems, warnings } = parseSettings(stack(), { stack: "dev", missingSecrets: "error" });
    assert.deepEqual([problems, warnings], [[], []]);
    assert.ok(settings !== undefined);
    assert.equal(settings.stack, "dev");
    assert.equal(settings.network.podCidr, "10.42.0.0/16");
    assert.equal(settings.network.nodePortRange, "30000-32767");
    assert.equal(settings.ssh.user, "root");
    assert.equal(settings.ingress.controller, "none");
    assert.equal(settings.rollout.agentsAtOnce, 10);
    assert.deepEqual(settings.nodes[0]?.labels, {});
    assert.deepEqual(settings.issuers, {});
  });

  it("gives every problem at once, what does not fit the schema and what does not fit together", () => {
    const raw = stack({
      nodes: [
        node("s1", { role: "server", address: "10.0.0.11", labels: { disk: true } }),
        node("s2", { role: "server", address: "10.0.0.11", hostKey: undefined }),
      ],
      dns: { upstream: ["127.0.0.1"] },
      network: { nodePortRange: "2-1" },
      ingres: {},
      storage: { nfs: { server: "10.0.0.5" } },
    });
    assert.deepEqual(errors(raw), [
      "ingres: is not a setting; did you mean ingress?",
      'nodes[0].labels.disk: true is a boolean to YAML, not text; write it in quotes: "true"',
      "storage.nfs.path: is missing; write it: exported directory",
      "nodes: has 2 servers, an even number: etcd survives no more losses with 2 than with 1; write role: server on 1 or 3 nodes, or set cluster.allowEvenServers: true while you replace a server",
      "nodes[1].address: 10.0.0.11 port 22 is the address of nodes[0] too; write each machine's own address",
      "nodes[1].hostKey: is missing; print it with: ssh-keyscan -t ed25519 -p 22 10.0.0.11",
      "network.nodePortRange: 2-1 is reversed; write 1-2",
      "dns.upstream[0]: 127.0.0.1 is a loopback address: in a pod it is the pod itself, and CoreDNS would ask itself " +
        "for ever; write the address of the site's resolver, e.g. 192.168.10.1",
    ]);
  });

  it("draws no conclusions from what is broken", () => {
    const raw = stack({
      certificates: { certManager: true, email: "nobody" },
      issuers: {
        le: {
          type: "acme-dns01",
          server: "staging",
          nameserver: "10.0.0.1",
          tsigKeyName: "k",
          tsigSecret: Secret.sealed(),
        },
      },
    });
    assert.deepEqual(errors(raw), [
      'certificates.email: "nobody" is not an email address; write one like ops@k3s.example.org',
    ]);
  });

  it("names the nearest known key instead of calling it missing", () => {
    const raw = stack({ nodes: [{ nam: "s1", role: "server", adress: "10.0.0.11", hostkey: hostKeys[0] }] });
    assert.deepEqual(errors(raw), [
      "nodes[0].nam: is not a setting; did you mean name?",
      "nodes[0].adress: is not a setting; did you mean address?",
      "nodes[0].hostkey: is not a setting; did you mean hostKey?",
    ]);
  });

  it("lists the known keys where none is near", () => {
    assert.deepEqual(errors(stack({ cluster: { xyzzy: 1 } })), [
      "cluster.xyzzy: is not a setting; known here: name, apiAddress, joinAddress, apiPort, virtualIp, apiThrough, tunnelPort, renewCertificates, authorityRotated, kubeconfig, k3d, allowEvenServers, protect",
    ]);
  });

  it("speaks of YAML where YAML made something else of a text", () => {
    const raw = stack({
      nodes: [node("s1", { role: "server", address: "10.0.0.11", name: 1 })],
      ssh: { privateKey: Secret.sealed(), port: "22", trustOnFirstUse: "no" },
      dns: { upstream: "10.0.0.1", searchDomains: null },
      k3s: { version: 1.36 },
      cluster: ["a"],
    });
    assert.deepEqual(errors(raw), [
      "cluster: is a list, not a group of settings; write 'key: value' lines under it",
      'nodes[0].name: 1 is a number to YAML, not text; write it in quotes: "1"',
      "dns.upstream: is text, not a list; write '- ' before each entry, or [a, b]",
      "dns.searchDomains: is empty; write a value, or remove the key",
      'ssh.port: "22" is text, not a number; write it without quotes: 22',
      'ssh.trustOnFirstUse: "no" is neither true nor false; write true or false, without quotes',
      'k3s.version: 1.36 is a number to YAML, not text; write it in quotes: "1.36"',
    ]);
  });

  it("names the choices, and the nearest one", () => {
    const raw = stack({
      issuers: { a: { type: "acme-dns1" }, b: {}, C: { type: "ca" } },
      certificates: { certManager: true },
      network: { flannelBackend: "wireguard" },
      rollout: { agentsAtOnce: 0 },
    });
    assert.deepEqual(errors(raw), [
      'network.flannelBackend: "wireguard" is not one of the choices; write one of vxlan, wireguard-native, host-gw, none',
      'issuers.a.type: "acme-dns1" is not one of the choices; write one of ca, self-signed, acme-http01, acme-dns01, acme (did you mean acme-dns01?)',
      "issuers.b.type: is missing; write one of ca, self-signed, acme-http01, acme-dns01, acme",
      "issuers.C: \"C\" is not a DNS label; write lower-case letters, digits and '-', at most 63, e.g. web-1",
      "rollout.agentsAtOnce: 0 is too small; write at least 1",
    ]);
  });

  it("answers an empty stack with one helpful error", () => {
    const line =
      "nodes: stack 'test' names no machines; write them under groundwork:nodes of Pulumi.test.yaml, at least one with " +
      "role: server; Pulumi.dev.yaml is an example, docs/configuration.md lists every setting";
    assert.deepEqual(errors({}), [line]);
    assert.deepEqual(errors({ nodes: [] }), [line]);
    assert.deepEqual(errors({ nodes: null, rollot: {} }), ["rollot: is not a setting; did you mean rollout?", line]);
    assert.deepEqual(errors({ node: [] }), ["node: is not a setting; did you mean nodes?"]);
  });

  it("takes a missing secret as a warning where it is asked to", () => {
    const parsed = parseSettings(stack({ ssh: {} }), { stack: "test", missingSecrets: "warning" });
    assert.ok(parsed.settings !== undefined);
    assert.deepEqual(parsed.warnings.map(problemLine), [
      "ssh.privateKey: is not set; set it with: pulumi config set --secret --path 'groundwork:ssh.privateKey' < FILE",
    ]);
  });

  it("never shows a secret, not even one that is no text", () => {
    const shown = errors(stack({ ssh: { privateKey: "hunter2" }, k3s: { token: 12345 } })).join("\n");
    assert.match(shown, /ssh\.privateKey: is not an encrypted text/);
    assert.doesNotMatch(shown, /hunter2|12345/);
  });

  it("never throws and never says nothing, whatever it is given", () => {
    const keys = Object.keys(settingsSchema.shape);
    const json = fc.jsonValue({ maxDepth: 5 }) as fc.Arbitrary<unknown>;
    const raw = fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), json);
    fc.assert(
      fc.property(raw, (value) => {
        const { settings, problems } = parseSettings(value, { stack: "any", missingSecrets: "error" });
        assert.equal(settings === undefined, problems.length > 0);
      }),
      { numRuns: 300 },
    );
  });

  it("never throws when one part of a valid stack is replaced by anything", () => {
    const complete = stack({
      nodes: [node("s1", { role: "server", k3s: {}, ssh: {}, taints: [], k3sVersion: "v1.36.4+k3s1" }), node("a")],
      network: { interface: "wg0", podCidr: "10.42.0.0/16", nodePortRange: "1-65535", requireEncryption: true },
      dns: { upstream: ["10.0.0.1"], forward: { "a.example": ["10.0.0.2"] } },
      k3s: { version: "v1.34.9+k3s1", disable: ["traefik"], server: { debug: true }, agent: {} },
      storage: { localPath: {}, nfs: { server: "10.0.0.5", path: "/x" }, longhorn: { replicas: 2 } },
      ingress: { controller: "ingress-nginx", nodePorts: { http: 30080 } },
      certificates: { certManager: true, email: "a@site.example.org", dns01Nameservers: ["8.8.8.8:53"] },
      issuers: { le: { type: "acme-http01", server: "staging" }, own: { type: "ca" } },
      namespaces: { apps: { quota: { pods: 1 }, limits: { max: { cpu: "1" } } } },
    });
    const anything = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom("", "-", "::", "1.2.3.4/99", "v0.0.0+k3s0"),
    );
    fc.assert(
      fc.property(fc.nat(), anything, (at, value) => {
        parseSettings(replaced(complete, at, value), { stack: "any", missingSecrets: "error" });
      }),
      { numRuns: 500 },
    );
  });
});

/** The settings with the value at one place (counted through the whole tree) replaced. */
function replaced(raw: Record<string, unknown>, at: number, value: unknown): Record<string, unknown> {
  const places = placesOf(raw, []);
  const path = places[at % places.length] ?? [];
  const put = (inner: unknown, [step, ...rest]: readonly string[]): unknown => {
    if (step === undefined) return value;
    if (Array.isArray(inner)) {
      return inner.map((each: unknown, index) => (String(index) === step ? put(each, rest) : each));
    }
    return { ...(inner as object), [step]: put((inner as Record<string, unknown>)[step], rest) };
  };
  return put(raw, path) as Record<string, unknown>;
}

function placesOf(value: unknown, path: readonly string[]): (readonly string[])[] {
  if (typeof value !== "object" || value === null || value instanceof Secret) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[...path, key], ...placesOf(inner, [...path, key])]);
}
