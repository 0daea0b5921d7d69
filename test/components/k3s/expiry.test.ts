import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expiryWarning } from "../../../components/k3s/expiry";
import { exportedKubeconfig, pinnedToken, runsOut } from "../../../components/k3s/kubeconfig";
import { K3S_YAML } from "../../program";

const BEGIN = "==> groundwork\n";
const END = "<== groundwork\n";
const OURS = { server: "https://k3s.example.org:6443", name: "homelab" };

describe("a kubeconfig that runs out", () => {
  let kubeconfig: string;
  let end: Date;
  before(() => {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-expiry-"));
    try {
      const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "k.pem"];
      const args = ["req", "-x509", ...key, "-subj", "/CN=system:admin", "-days", "365", "-out", "c.pem"];
      execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });
      const certificate = readFileSync(join(directory, "c.pem")).toString("base64");
      kubeconfig = K3S_YAML.replace("Y2VydA==", certificate);
      end = runsOut(kubeconfig)!;
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
  const daysBefore = (days: number): Date => new Date(end.getTime() - days * 86_400_000);

  it("is spoken of 60 days ahead, with the one setting that renews it", () => {
    assert.equal(expiryWarning(kubeconfig, daysBefore(61)), undefined);
    const now = daysBefore(45.5);
    assert.equal(
      expiryWarning(kubeconfig, now),
      `cluster.renewCertificates: the kubeconfig's certificate runs out on ${end.toISOString().slice(0, 10)}, in 45 days, and k3s's own may end with it; write "${now.toISOString().slice(0, 7)}", and 'pulumi up' renews them node by node and reads the kubeconfig again`,
    );
    assert.match(expiryWarning(kubeconfig, daysBefore(-2))!, /certificate ran out on \d{4}-\d\d-\d\d, and/);
  });

  it("says nothing where there is no certificate that can be read", () => {
    assert.equal(expiryWarning(K3S_YAML, new Date()), undefined);
    assert.equal(expiryWarning(K3S_YAML.replace("client-certificate-data", "token"), new Date()), undefined);
  });
});

describe("a kubeconfig with text of a start file around it", () => {
  it("is what stands between the marks", () => {
    const text = `Welcome: atlas\napiVersion: v0\n${BEGIN}${K3S_YAML}${END}bye\n`;
    assert.equal(exportedKubeconfig(text, OURS), exportedKubeconfig(K3S_YAML, OURS));
    assert.equal(pinnedToken(text, "node", "abc"), pinnedToken(K3S_YAML, "node", "abc"));
  });

  it("that an earlier release kept with that text begins where it begins, and no line becomes a key", () => {
    for (const greeting of ["Welcome to atlas!\n", "Welcome: atlas\n", "'\n- x\n"]) {
      assert.equal(exportedKubeconfig(`${greeting}${K3S_YAML}`, OURS), exportedKubeconfig(K3S_YAML, OURS));
    }
    assert.doesNotMatch(exportedKubeconfig(`${K3S_YAML}bye: now\n`, OURS), /bye/);
  });

  it("is refused when it was cut off", () => {
    assert.throws(() => exportedKubeconfig(`${BEGIN}${K3S_YAML}`, OURS), /ends in the middle/);
  });
});
