import * as assert from "node:assert/strict";
import { Secret } from "../../../config/secret";
import { pathText } from "../../../config/problem";
import { errors, node, stack, warnings } from "../fixtures";

const files = (given: object): Record<string, unknown> => stack({ k3s: { files: given } });
const file = { content: "text\n" };

describe("files that the settings give", () => {
  it("are taken at places of their own", () => {
    const raw = files({
      "/etc/rancher/k3s/audit.yaml": { content: "apiVersion: audit.k8s.io/v1\n", role: "server" },
      "/var/lib/rancher/k3s/agent/etc/containerd/config-v3.toml.tmpl": { content: "", restart: true },
      "/etc/ssl/registry.key": { secretContent: Secret.of("KEY"), mode: "600", restart: false },
    });
    assert.deepEqual([...errors(raw), ...warnings(raw)], []);
  });

  for (const [path, problem] of [
    ["/etc/rancher/k3s/config.yaml", "is written by Groundwork; set k3s.server, k3s.agent or nodes[].k3s"],
    ["/etc/rancher/k3s/config.yaml.d/9.yaml", "is written by Groundwork; set k3s.server, k3s.agent or nodes[].k3s"],
    ["/etc/rancher/k3s/registries.yaml", "is written by Groundwork; set k3s.registries"],
    [
      "/etc/systemd/system/k3s.service.d/9.conf",
      "is written by Groundwork; set k3s.environment, or k3s's own settings under k3s.server and k3s.agent",
    ],
    ["/etc/systemd/system/k3s-agent.env", "is written by Groundwork; set k3s.environment or k3s.secretEnvironment"],
    ["/var/lib/rancher/k3s/server/manifests/a.yaml", "is where manifests lie; set k3s.manifests"],
    [
      "/var/lib/rancher/k3s/server/tls/server-ca.crt",
      "is k3s's own; choose another path; of k3s's data only files in /var/lib/rancher/k3s/agent/etc/containerd are yours",
    ],
    ["/etc/fstab", "is the host's own; choose another path; Groundwork does not edit what a host is"],
    ["/etc/ssh/sshd_config", "is the host's own; choose another path; Groundwork does not edit what a host is"],
    ["/run/x", "does not outlive a reboot, or is no place for files; write it below /etc"],
    ["/etc/x/../fstab", "is not a plain path of a file; write it without '//', '.', '..' and a slash at the end"],
    ["/etc//fstab", "is not a plain path of a file; write it without '//', '.', '..' and a slash at the end"],
    ["/etc/x/", "is not a plain path of a file; write it without '//', '.', '..' and a slash at the end"],
  ] as const) {
    it(`have no place that is somebody else's: ${path}`, () => {
      assert.deepEqual(errors(files({ [path]: file })), [`${pathText(["k3s", "files", path])}: ${problem}`]);
    });
  }

  it("have no path that a shell or a list of words would read otherwise", () => {
    assert.deepEqual(errors(files({ "etc/x": file, "/etc/a b": file })).length, 2);
    assert.match(errors(files({ "/etc/$(x)": file }))[0] ?? "", /is not a path that can be used/);
  });

  it("have one content, for nobody but those whom it is for", () => {
    const secret = Secret.of("x");
    assert.deepEqual(
      errors(files({ "/etc/a": {}, "/etc/b": { ...file, secretContent: secret }, "/etc/c": { ...file, mode: "666" } })),
      [
        "k3s.files./etc/a: has no content; write content, or set secretContent as a secret",
        "k3s.files./etc/b: has two contents; write content, or set secretContent as a secret",
        'k3s.files./etc/c.mode: 666 lets everybody write it; write "644" or "600"',
      ],
    );
    assert.deepEqual(errors(files({ "/etc/a": { secretContent: secret, mode: "644" } })), [
      'k3s.files./etc/a.mode: 644 lets everybody on the host read a secret; write "600"',
    ]);
    assert.deepEqual(errors(files({ "/etc/a": { content: "x".repeat(300_000) } })), [
      "k3s.files./etc/a: is longer than 256 KiB; put it on the hosts another way, and name its path",
    ]);
  });

  it("of a node are for its own role", () => {
    const raw = stack({ nodes: [node("s1", { role: "server", files: { "/etc/a": { ...file, role: "agent" } } })] });
    assert.deepEqual(errors(raw), ["nodes[0].files./etc/a.role: is agent, and the node is a server; take it out"]);
  });
});

describe("manifests", () => {
  const manifests = (given: object): Record<string, unknown> => stack({ k3s: { manifests: given } });
  const object = (kind: string): string => `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: a\n`;

  it("are objects of Kubernetes, or only comments", () => {
    assert.deepEqual(
      errors(manifests({ two: `${object("ConfigMap")}---\n${object("Service")}`, gone: "# gone\n" })),
      [],
    );
    assert.deepEqual(errors(manifests({ a: "kind: X\n", b: "text", c: `${object("ConfigMap")}---\na: [\n` })), [
      "k3s.manifests.a: has no apiVersion, no metadata.name; write it: k3s applies no object without",
      "k3s.manifests.b: is no object of Kubernetes; write 'apiVersion:', 'kind:' and 'metadata:'",
      "k3s.manifests.c: document 2 is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]; look at its indentation; a manifest begins after 'name: |'",
    ]);
  });

  it("have no name of k3s's own, and none twice", () => {
    const text = object("ConfigMap");
    assert.deepEqual(
      errors(stack({ k3s: { manifests: { traefik: text, a: text }, secretManifests: { a: Secret.of(text) } } })),
      [
        "k3s.manifests.traefik: is the name of a manifest that k3s writes itself; give it another name; a packaged component is left out by k3s.disable and set by a HelmChartConfig",
        "k3s.secretManifests.a: is in k3s.manifests too; give each a name of its own",
      ],
    );
  });

  it("have no Secret that everybody can read", () => {
    assert.deepEqual(errors(manifests({ a: object("Secret") })), [
      "k3s.manifests.a: is a Secret in plain text; make new values, and set the manifest as a secret in k3s.secretManifests",
    ]);
    assert.deepEqual(errors(stack({ k3s: { secretManifests: { a: Secret.of(object("Secret")) } } })), []);
  });
});

describe("k3s's environment", () => {
  const environment = (given: object, secretEnvironment: object = {}): Record<string, unknown> =>
    stack({ k3s: { environment: given, secretEnvironment } });

  it("names proxies, also with a password in them where that is a secret", () => {
    const raw = environment(
      { HTTP_PROXY: "http://proxy.example.org:3128", NO_PROXY: "10.0.0.0/8", GODEBUG: "x=1" },
      { HTTPS_PROXY: Secret.of("http://u:p@proxy.example.org:3128") },
    );
    assert.deepEqual([...errors(raw), ...warnings(raw)], []);
  });

  it("has no password that everybody can read, and no proxy that is none", () => {
    assert.deepEqual(
      errors(environment({ HTTPS_PROXY: "http://u:p@proxy:3128", CONTAINERD_HTTPS_PROXY: "proxy:3128" })),
      [
        "k3s.environment.HTTPS_PROXY: has a password in it, for everybody to read; make a new one, and set the whole as a secret: pulumi config set --secret --path 'groundwork:k3s.secretEnvironment.HTTPS_PROXY'",
        "k3s.environment.CONTAINERD_HTTPS_PROXY: is not the URL of a proxy; write it with scheme and port, e.g. http://proxy.example.org:3128",
      ],
    );
    assert.deepEqual(errors(environment({}, { HTTPS_PROXY: Secret.of("http://proxy:3128\n") })), [
      "k3s.secretEnvironment.HTTPS_PROXY: has a line break in it; write one line (printf %s, not echo)",
    ]);
  });

  it("has no setting of k3s", () => {
    assert.deepEqual(errors(environment({ K3S_TOKEN: "x", PATH: "/x" })), [
      "k3s.environment.K3S_TOKEN: is a setting of k3s; write it under k3s.server or k3s.agent in the name of k3s's config.yaml",
      "k3s.environment.PATH: decides which programs and libraries k3s runs; leave it out",
    ]);
    assert.match(
      errors(environment({ https_proxy: "http://p:1" }))[0] ?? "",
      /is not the name of a variable; write it in capitals/,
    );
  });

  it("is warned about where images would not go through the proxy", () => {
    assert.deepEqual(warnings(environment({ HTTP_PROXY: "http://proxy:3128" })), [
      "k3s.environment.HTTPS_PROXY: is missing, so that only plain HTTP goes through HTTP_PROXY; write it too; images and k3s come over HTTPS",
    ]);
  });
});
