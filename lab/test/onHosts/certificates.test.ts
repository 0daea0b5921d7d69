import assert from "node:assert/strict";
import { randomBytes, X509Certificate } from "node:crypto";
import type { Finding } from "../../../operate/finding";
import type { WhyNode } from "../../../operate/certificate/why";
import { CERTIFICATE_DOMAIN, TSIG_KEY_NAME } from "../../naming";
import { INTERNAL_CA, LETS_ENCRYPT, nameServer } from "../../stack/stackSettings";
import { ensureTsigKey } from "../../stack/tsigKey";
import { type ClusterOnLab, eventually, type KubernetesObject } from "./clusterOnLab";
import { examined, issuedSecret, siteRoots } from "./issuedSecret";
import { oneLab } from "./oneLab";
import { groundwork } from "./verb";

/** A zone that nobody may change; the proof of www in it is given in the zone of the lab's key. */
const DELEGATED = "delegated.example.org";
const WRONG_KEY = randomBytes(64).toString("base64");

// One lab for all of it. Each certificate has one name: cert-manager proves those of one name one after the other, a minute each.
describe("certificates that come, and those that do not", function () {
  const theLab = oneLab(this, "test-issue", async (lab) => {
    await lab.up({ servers: 1, agents: 0 });
    settings(lab);
  });
  before(function () {
    if (theLab().state().k3s !== "hollow") this.skip();
  });

  it("come where they can, and the run names those that do not, with the reason", async () => {
    const lab = theLab();
    const { text } = await lab.run();
    assert.match(text, /^ +not issued after 150 s: default\/late/m);
    assert.match(text, /^ +not issued after 150 s: default\/refused/m);
    assert.match(text, /certificate why --stack lab-test-issue/);
    assert.doesNotMatch(text, /not issued after 150 s: \S+\/(outside|renewed|delegated|internal-ca)/);
    assert.ok(!lab.said().includes(WRONG_KEY), "the key is in no output");
  });

  it("come for a name whose proof a CNAME leads to another zone", async () => {
    const lab = theLab();
    const { names, trust } = await examined(await issuedSecret(lab, "default", "delegated"), siteRoots(lab));
    assert.deepEqual([names, trust], [[`www.${DELEGATED}`], "OK"]);
    assert.deepEqual(await proven(lab, "delegated"), []);
  });

  it("are renewed in time, with another key", async () => {
    const lab = theLab();
    const before = await issuedSecret(lab, "default", "renewed");
    const count = await revision(lab, "renewed");
    await eventually("another revision", async () => (await revision(lab, "renewed")) > count, 120);
    const after = await issuedSecret(lab, "default", "renewed");
    assert.notEqual(after.key, before.key);
    assert.notEqual(new X509Certificate(after.chain).serialNumber, new X509Certificate(before.chain).serialNumber);
    const root = (await issuedSecret(lab, "cert-manager", "internal-ca-ca")).chain;
    assert.deepEqual(await examined(after, root), {
      names: ["renewed.lab.test"],
      hours: 1,
      bits: "4096 bit",
      trust: "OK",
    });
    assert.equal((await why(lab, "renewed")).state, "ready");
  });

  it("do not come with another key than the name server's: why and prove both say so", async () => {
    const lab = theLab();
    const { state, causes } = await why(lab, "late");
    assert.deepEqual([state, causes], ["waiting", ["Challenge tsig-signature"]]);
    assert.deepEqual(await proven(lab, "wrong-key"), [
      `${nameServer(lab.state().prefix)} knows key '${TSIG_KEY_NAME}', and its secret is another one (BADSIG)`,
    ]);
  });

  it("do not come where the name server refuses to change the zone: why and prove both say so", async () => {
    const lab = theLab();
    const { state, causes } = await why(lab, "refused");
    assert.deepEqual([state, causes], ["waiting", ["Challenge update-refused"]]);
    assert.deepEqual(await proven(lab, "refused"), [
      `${nameServer(lab.state().prefix)} knows the key and does not let it change _acme-challenge.${DELEGATED} (REFUSED)`,
    ]);
  });

  it("come late by themselves once the key is right", async () => {
    const lab = theLab();
    lab.setSecret(["issuers", "wrong-key", "tsigSecret"], ensureTsigKey(lab.paths));
    await lab.apply();
    assert.deepEqual(await proven(lab, "wrong-key"), []);
    await eventually("late", async () => (await why(lab, "late")).state === "ready", 600);
    await vouched(lab, "late");
  });

  it("are renewed at once where they are asked to, by the ACME server too", async () => {
    const lab = theLab();
    await renewNow(lab, "outside");
    await eventually("a second one of outside", async () => (await revision(lab, "outside")) === 2, 240);
    await vouched(lab, "outside");
  });
});

/** k3s and cert-manager alone, with issuers and certificates that are right, and some that are not. */
function settings(lab: ClusterOnLab): void {
  lab.set(["storage"], { localPath: { default: true } });
  lab.set(["ingress"], { controller: "none" });
  lab.set(["namespaces"], undefined);
  const rfc2136 = { nameserver: nameServer(lab.state().prefix), tsigKeyName: TSIG_KEY_NAME };
  const acme = { type: "acme-dns01", server: "staging", ...rfc2136 };
  const key = ensureTsigKey(lab.paths);
  lab.set(["issuers", "wrong-key"], { ...acme, zones: [CERTIFICATE_DOMAIN] });
  lab.setSecret(["issuers", "wrong-key", "tsigSecret"], WRONG_KEY);
  lab.set(["issuers", "refused"], { ...acme, zones: [DELEGATED] });
  lab.setSecret(["issuers", "refused", "tsigSecret"], key);
  lab.set(["certificates", "credentials", "lab"], { type: "rfc2136", tsigKeyName: TSIG_KEY_NAME });
  lab.setSecret(["certificates", "credentials", "lab", "tsigSecret"], key);
  const follow = { type: "rfc2136", nameserver: rfc2136.nameserver, credentials: "lab", cnameStrategy: "Follow" };
  lab.set(["issuers", "delegated"], {
    type: "acme",
    server: "staging",
    solvers: [{ ...follow, names: [`www.${DELEGATED}`] }],
  });
  const names = (name: string): string[] => [`${name}.${CERTIFICATE_DOMAIN}`];
  lab.set(["certificates", "issued"], {
    outside: { issuer: LETS_ENCRYPT, names: names("*") },
    // Renewed a minute after each issue, the shortest that cert-manager's own webhook would take.
    renewed: { issuer: INTERNAL_CA, names: ["renewed.lab.test"], duration: "1h", renewBefore: "59m" },
    delegated: { issuer: "delegated", names: [`www.${DELEGATED}`] },
    late: { issuer: "wrong-key", names: names("late") },
    refused: { issuer: "refused", names: [`api.${DELEGATED}`] },
  });
}

/** What prove finds wrong with an issuer's key. */
async function proven(lab: ClusterOnLab, issuer: string): Promise<string[]> {
  const { code, out, err } = await groundwork(lab, "certificate", "prove", issuer, "--json");
  const errors = (JSON.parse(out === "" ? "{}" : out) as { findings: Finding[] }).findings.filter(
    ({ level }) => level === "error",
  );
  assert.equal(code, errors.length === 0 ? 0 : 3, out + err);
  return errors.map(({ message }) => message);
}

/** The site's ACME server stands for a certificate as a whole. */
async function vouched(lab: ClusterOnLab, name: string): Promise<void> {
  const { trust, hours } = await examined(await issuedSecret(lab, "default", name), siteRoots(lab));
  assert.deepEqual([trust, hours], ["OK", 2160]);
}

/** What why says of one certificate: its state, and each cause in its tree with the kind of object that tells it. */
async function why(lab: ClusterOnLab, name: string): Promise<{ state: string; causes: string[] }> {
  const [tree] = (await whyAnswer(lab, name)).certificates;
  assert.ok(tree !== undefined);
  const causes = (node: WhyNode): string[] => [
    ...(node.cause === undefined ? [] : [`${node.kind} ${node.cause}`]),
    ...node.parts.flatMap(causes),
  ];
  return { state: tree.state, causes: causes(tree) };
}

async function whyAnswer(lab: ClusterOnLab, ...words: string[]): Promise<{ certificates: readonly WhyNode[] }> {
  const { out, err } = await groundwork(lab, "certificate", "why", ...words, "--json");
  assert.equal(err, "");
  return JSON.parse(out) as { certificates: WhyNode[] };
}

/** cert-manager's own count of how often it has issued a certificate; 0 where it has not. */
async function revision(lab: ClusterOnLab, name: string): Promise<number> {
  const all = await lab.get<KubernetesObject & { status?: { revision?: number } }>("certificates", "-n", "default");
  return all.find(({ metadata }) => metadata.name === name)?.status?.revision ?? 0;
}

/** What `cmctl renew` does. */
async function renewNow(lab: ClusterOnLab, name: string): Promise<void> {
  const [found] = await lab.get<{ metadata: { name: string }; status: { conditions: { type: string }[] } }>(
    ...["certificates", "-n", "default", "--field-selector", `metadata.name=${name}`],
  );
  const issuing = { type: "Issuing", status: "True", reason: "ManuallyTriggered", message: "asked for by a test" };
  const conditions = [
    ...(found?.status.conditions ?? []).filter(({ type }) => type !== "Issuing"),
    { ...issuing, lastTransitionTime: new Date().toISOString().replace(/\.\d+/, "") },
  ];
  const patch = JSON.stringify({ status: { conditions } });
  await lab.kubectl([
    "patch",
    "certificate",
    name,
    "-n",
    "default",
    "--subresource=status",
    "--type=merge",
    "--patch",
    patch,
  ]);
}
