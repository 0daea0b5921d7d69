import * as assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificateIn } from "../../../components/k3s/authority";
import { createStack } from "../../../components/stack";
import { CERTIFICATE, LEAF } from "../../addons/checks/pems";
import { errors, stack } from "../../config/fixtures";
import { commands, desiredOf, run } from "../../program";

const framed = (text: string): string => `a start file\n==> groundwork\n${text}\n<== groundwork\n`;
const desired = desiredOf({
  certificates: { certManager: true },
  issuers: {
    house: { type: "ca", rootOutput: true },
    quiet: { type: "ca" },
    company: { type: "ca", rootOutput: true, certificate: LEAF },
  },
});

describe("the certificate of an authority made in the cluster", () => {
  it("is an output that is no secret, beside the others", async () => {
    const { outputs, resources } = await run(() => createStack(desired), { authority: framed(CERTIFICATE) });
    const shown = outputs["authorities"] as Record<string, string>;
    assert.equal(shown["house"]?.trim(), CERTIFICATE.trim());
    assert.match(shown["quiet"] ?? "", /^kubectl get secret quiet-ca /);
    assert.equal(shown["company"], LEAF);
    const names = [...commands(resources).keys()].filter((name) => name.endsWith("-root"));
    assert.deepEqual(names, ["house-root"]);
  });

  it("is read after its issuer, and only where it is asked for", () => {
    assert.deepEqual(
      desired.authorities.map(({ issuer, after }) => [issuer, after.map(({ name }) => name)]),
      [["house", ["house"]]],
    );
  });

  it("is one, or the run fails and says whose is missing", () => {
    assert.equal(certificateIn(framed(`Warning: something\n${CERTIFICATE}`), "house").trim(), CERTIFICATE.trim());
    const missing = { message: "the first server told no certificate of issuer 'house'" };
    for (const text of ["", CERTIFICATE, framed(""), framed("nothing")]) {
      assert.throws(() => certificateIn(text, "house"), missing);
    }
    assert.throws(() => certificateIn("==> groundwork\n-----BEGIN", "house"), /the connection was lost/);
  });

  it("is waited for on the server, and nothing else of the Secret is read", () => {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-authority-"));
    try {
      const [authority] = desired.authorities;
      assert.ok(authority);
      const tried = (answer: string): { status: number | null; out: string; error: string } => {
        writeFileSync(join(directory, "k3s"), `#!/bin/sh\necho "$*" >> ${directory}/asked\n${answer}\n`);
        writeFileSync(join(directory, "sleep"), "#!/bin/sh\n");
        for (const name of ["k3s", "sleep"]) chmodSync(join(directory, name), 0o755);
        const words = authority.read.replace("/usr/local/bin/k3s", join(directory, "k3s"));
        const env = { PATH: `${directory}:/usr/bin:/bin` };
        const { status, stdout, stderr } = spawnSync("sh", ["-c", words], { env, encoding: "utf8" });
        return { status, out: stdout, error: stderr };
      };
      const late = tried(`[ "$(wc -l < ${directory}/asked)" -ge 3 ] || { echo NotFound >&2; exit 1; }; echo PEM`);
      assert.deepEqual(late, { status: 0, out: "==> groundwork\nPEM\n<== groundwork\n", error: "" });
      const asked = execFileSync("cat", [join(directory, "asked")], { encoding: "utf8" })
        .trim()
        .split("\n");
      const question =
        'kubectl get secret house-ca --namespace cert-manager --output go-template={{index .data "tls.crt" | base64decode}}';
      assert.deepEqual(asked, [question, question, question]);
      const never = tried("echo NotFound >&2; exit 1");
      assert.equal(never.status, 1);
      assert.equal(
        never.error,
        "NotFound\nthe authority is not there after 120 s; see: kubectl describe certificate house-ca --namespace cert-manager\n",
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("is not read in a cluster that has no machines", () => {
    const raw = { issuers: { house: { type: "ca", rootOutput: true } }, certificates: { certManager: true } };
    assert.deepEqual(errors({ ...raw, cluster: { k3d: {} } }), [
      "issuers.house.rootOutput: has no effect in a cluster without machines of the stack's own; remove it, and take the command in the output authorities",
    ]);
    assert.deepEqual(errors(stack(raw)), []);
  });
});
