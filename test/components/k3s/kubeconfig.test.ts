import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { exportedKubeconfig, pinnedToken } from "../../../components/k3s/kubeconfig";
import { CA_PEM, K3S_YAML } from "../../program";

describe("the exported kubeconfig", () => {
  it("names the API from outside, and cluster, user and context after the cluster", () => {
    const config = parse(exportedKubeconfig(K3S_YAML, { server: "https://k3s.example.org:6443", name: "homelab" })) as {
      clusters: { name: string; cluster: { server: string; "certificate-authority-data": string } }[];
      contexts: { name: string; context: unknown }[];
      users: { name: string }[];
      "current-context": string;
    };
    assert.equal(config.clusters[0]?.cluster.server, "https://k3s.example.org:6443");
    assert.equal(config.clusters[0].name, "homelab");
    assert.ok(config.clusters[0].cluster["certificate-authority-data"]);
    assert.deepEqual(config.contexts, [{ name: "homelab", context: { cluster: "homelab", user: "homelab" } }]);
    assert.equal(config.users[0]?.name, "homelab");
    assert.equal(config["current-context"], "homelab");
  });

  it("is refused with the file's name when the host gave something else", () => {
    assert.throws(() => exportedKubeconfig("hello", { server: "x", name: "x" }), {
      message:
        "the first server's /etc/rancher/k3s/k3s.yaml is not a kubeconfig (it begins with \"hello\"); where that is not the file's own text, look into the start files of the SSH user's shell: ~/.bashrc, ~/.profile, /etc/profile.d",
    });
  });
});

describe("a pinned join token", () => {
  it("carries the hash of the certificate authority as k3s computes it: of the file's bytes", () => {
    const hash = createHash("sha256").update(CA_PEM).digest("hex");
    assert.equal(pinnedToken(K3S_YAML, "node", "abc"), `K10${hash}::node:abc`);
  });

  it("carries the hash of the root when the authority is a bundle", () => {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-ca-"));
    try {
      const openssl = (...args: string[]): void => {
        execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });
      };
      const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
      openssl("req", "-x509", ...key, "-keyout", "root.key", "-subj", "/CN=root", "-out", "root.pem");
      openssl("req", ...key, "-keyout", "ca.key", "-subj", "/CN=server-ca", "-out", "ca.csr");
      openssl(
        "x509",
        "-req",
        "-in",
        "ca.csr",
        "-CA",
        "root.pem",
        "-CAkey",
        "root.key",
        "-CAcreateserial",
        "-out",
        "ca.pem",
      );
      const root = readFileSync(join(directory, "root.pem"), "utf8");
      const bundle = readFileSync(join(directory, "ca.pem"), "utf8") + root;
      const kubeconfig = K3S_YAML.replace(
        Buffer.from(CA_PEM).toString("base64"),
        Buffer.from(bundle).toString("base64"),
      );
      const hash = createHash("sha256").update(new X509Certificate(root).raw).digest("hex");
      assert.equal(pinnedToken(kubeconfig, "server", "abc"), `K10${hash}::server:abc`);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
