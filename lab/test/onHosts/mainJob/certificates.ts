import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "../../../../operate/finding";
import { nameServer } from "../../../stack/stackSettings";
import type { ClusterOnLab } from "../clusterOnLab";
import { examined, issuedSecret, served, siteRoots } from "../issuedSecret";
import { groundwork, groundworkAnywhere } from "../verb";

export function itIssuesCertificates(theLab: () => ClusterOnLab): void {
  before(function () {
    // With another k3s the chart's own containers would issue them, and the stand-in's do nothing.
    if (theLab().state().k3s !== "hollow") this.skip();
  });

  const own = async (): Promise<string> => (await issuedSecret(theLab(), "cert-manager", "internal-ca-ca")).chain;

  it("by the stack's own authority and by the site's ACME server, as openssl sees them", async () => {
    const lab = theLab();
    const roots = { inside: await own(), outside: siteRoots(lab) };
    for (const [name, names, vouches, doesNot] of [
      ["inside", ["inside.lab.test"], roots.inside, roots.outside],
      ["outside", ["*.lab.example.org"], roots.outside, roots.inside],
    ] as const) {
      const issued = await issuedSecret(lab, "default", name);
      assert.match(issued.key, /^-----BEGIN RSA PRIVATE KEY-----/, "PKCS1");
      assert.deepEqual(await examined(issued, vouches), { names, hours: 2160, bits: "4096 bit", trust: "OK" }, name);
      assert.match((await examined(issued, doesNot)).trust, /unable to get (local )?issuer certificate/, name);
    }
  });

  it("that a server can show, which certificate check finds right", async () => {
    const lab = theLab();
    const directory = mkdtempSync(join(tmpdir(), "groundwork-check-"));
    try {
      for (const [name, serverName, root] of [
        ["inside", "inside.lab.test", await own()],
        ["outside", "www.lab.example.org", siteRoots(lab)],
      ] as const) {
        const ca = join(directory, `${name}.pem`);
        writeFileSync(ca, root);
        await served(await issuedSecret(lab, "default", name), async (port) => {
          const check = async (...more: string[]): Promise<string[]> => {
            const words = ["certificate", "check", `127.0.0.1:${String(port)}`, "--json", "--server-name", ...more];
            const { code, out } = await groundworkAnywhere(lab, ...words);
            const errors = findingsIn(out).filter(({ level }) => level === "error");
            assert.equal(code, errors.length === 0 ? 0 : 3, out);
            return errors.map((finding) => finding.check);
          };
          assert.deepEqual(await check(serverName, "--ca", ca), []);
          assert.deepEqual(await check(serverName), ["trust"], "without its root");
          assert.deepEqual(await check("www.example.net", "--ca", ca), ["name"]);
        });
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it("and certificate why has nothing to tell, and certificate prove takes the key for good, from here and from a node", async () => {
    const lab = theLab();
    assert.deepEqual(await groundwork(lab, "certificate", "why"), {
      code: 0,
      out: "all 3 certificates are ready\n",
      err: "",
    });
    for (const from of [[], ["--from", "server-1"]]) {
      const { code, out, err } = await groundwork(lab, "certificate", "prove", "lets-encrypt", "--json", ...from);
      assert.equal(code, 0, out + err);
      assert.deepEqual(
        findingsIn(out).map(({ message }) => message.replace(/-prove-[0-9a-f]+\./, "-prove-X.")),
        [
          "_groundwork-prove-X.lab.example.org was written and taken away by key lab (HMACSHA512) at " +
            nameServer(lab.state().prefix),
        ],
      );
    }
  });
}

function findingsIn(json: string): Finding[] {
  return (JSON.parse(json) as { findings: Finding[] }).findings;
}
