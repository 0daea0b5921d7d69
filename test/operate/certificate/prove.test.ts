import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { stackCipher } from "../../../config/read/stackCipher";
import { type Captured, groundworkCommand, ROOT } from "../../cli/capture";
import { ed25519Key } from "../../sshKey";
import { createServer, type AddressInfo } from "node:net";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { Secret } from "../../../config/secret";
import { txtUpdate } from "../../../operate/certificate/dnsMessage";
import { zoneOf } from "../../../operate/certificate/dnsUpdate";
import { proofsOf, type Proof } from "../../../operate/certificate/proofs";
import { prove } from "../../../operate/certificate/prove";
import { sign } from "../../../operate/certificate/tsig";
import { desiredOf } from "../../program";
import { freePort, NameServer, SECRETS, whyNoNameServer } from "./nameServer";

const dialTo = (port: number) => (): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  });

/** What the world's name servers know beside the one that is proven. */
const aliasElsewhere = (name: string): Promise<string | undefined> =>
  Promise.resolve({ "_acme-challenge.www.example.com": "_acme-challenge.api.example.org" }[name]);

/** What `up` gives cert-manager for an issuer, and what of it is to be proven. */
function proofs(
  credential: object,
  nameserver: string,
  zones: readonly string[],
  names: readonly string[] = [],
  solver: object = {},
): readonly Proof[] {
  const ns = { type: "rfc2136", tsigKeyName: "acme", tsigSecret: Secret.of(SECRETS.acme), ...credential };
  const { groups } = desiredOf({
    certificates: { certManager: true, email: "admin@k3s.example.net", credentials: { ns } },
    issuers: {
      le: {
        type: "acme",
        server: "staging",
        solvers: [{ type: "rfc2136", nameserver, credentials: "ns", zones, ...solver }],
      },
    },
  });
  return proofsOf(groups, "le", names);
}

describe("a key for DNS updates", () => {
  it("is read from what up gives to cert-manager, with the zones that it is for", () => {
    const [proof] = proofs({}, "ns1.example.org:5353", ["example.org"]);
    assert.deepEqual([proof?.host, proof?.port, proof?.domains], ["ns1.example.org", 5353, ["example.org"]]);
    assert.equal(proof?.key.secret.toString("base64"), SECRETS.acme);
    assert.deepEqual(proofs({}, "192.0.2.1", [], ["*.www.example.org"])[0]?.domains, ["www.example.org"]);
  });

  it("is not there for an issuer that has none, or that the stack has not", () => {
    const { groups } = desiredOf({ certificates: { certManager: true }, issuers: { own: { type: "ca" } } });
    assert.throws(() => proofsOf(groups, "own", []), /issuer 'own' has no solver by RFC 2136/);
    assert.throws(() => proofsOf(groups, "other", []), /the stack has no issuer 'other'/);
  });

  it("signs the message and the time, as a record more", () => {
    const key = { name: "acme", algorithm: "HMACSHA512", secret: Buffer.from(SECRETS.acme, "base64") } as const;
    const message = txtUpdate(1, { zone: "example.org", name: "a.example.org", value: "x", action: "add" });
    const signed = sign(message, key, 1_700_000_000);
    assert.equal(signed.mac.length, 64);
    assert.equal(signed.message.readUInt16BE(10), 1); // one record more: the signature
    assert.notDeepEqual(sign(message, key, 1_700_000_001).mac, signed.mac);
  });

  it("is not proven where nothing answers, or no name server does", async () => {
    const [proof] = proofs({}, "127.0.0.1:53", ["example.org"]);
    assert.ok(proof !== undefined);
    const options = (port: number) => ({
      dial: dialTo(port),
      from: "this machine",
      now: () => 1_700_000_000,
      aliasElsewhere,
    });
    const closed = await prove(proof, options(await freePort()));
    assert.match(closed.map(({ message }) => message).join(), /not reached from this machine: .*ECONNREFUSED/);
    const other = createServer((socket) => socket.end("220 mail\r\n"));
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    const found = await prove(proof, options((other.address() as AddressInfo).port));
    other.close();
    assert.match(found.map(({ message }) => message).join(), /ends the connection without an answer|is no name server/);
  });
});

describe("a key for DNS updates, at a real BIND", function () {
  let server: NameServer | undefined;
  before(async function () {
    const reason = whyNoNameServer();
    if (reason !== undefined) {
      console.log(`    skipped: ${reason}`);
      this.skip();
    }
    server = await NameServer.start();
  });
  after(() => server?.stop());

  const proven = async (credential: object, domain = "example.org", clock = 0, solver = {}): Promise<string> => {
    const port = server?.port ?? 0;
    const [proof] = proofs(credential, `127.0.0.1:${String(port)}`, [domain], [], solver);
    assert.ok(proof !== undefined);
    const now = (): number => Math.floor(Date.now() / 1000) + clock;
    const findings = await prove(proof, { dial: dialTo(port), from: "this machine", now, aliasElsewhere });
    return findings
      .map(({ level, message }) => `${level}: ${message}`)
      .join("\n")
      .replaceAll(`127.0.0.1:${String(port)}`, "NS");
  };

  it("is proven by a record that is written and taken away", async () => {
    assert.match(
      await proven({}),
      /^ok: _groundwork-prove-[0-9a-f]{12}\.example\.org was written and taken away by key acme \(HMACSHA512\) at NS$/,
    );
    assert.equal(await zoneOf(dialTo(server?.port ?? 0), "www.example.org"), "example.org");
  });

  it("is proven by the challenge's own name where it may change no other", async () => {
    const narrow = { tsigKeyName: "narrow", tsigSecret: Secret.of(SECRETS.narrow) };
    assert.match(await proven(narrow, "www.example.org"), /^ok: _acme-challenge\.www\.example\.org was written/);
    assert.match(
      await proven(narrow, "api.example.org"),
      /^error: NS knows the key and does not let it change _acme-challenge\.api\.example\.org \(REFUSED\)$/,
    );
  });

  it("is proven where a CNAME leads, in this name server or another one, for a solver that follows", async () => {
    const follow = { cnameStrategy: "Follow" };
    const narrow = { tsigKeyName: "narrow", tsigSecret: Secret.of(SECRETS.narrow) };
    assert.match(
      await proven(narrow, "delegated.fixed.example", 0, follow),
      /^ok: _acme-challenge\.www\.example\.org was written/,
    );
    assert.match(
      await proven({}, "www.example.com", 0, follow),
      /^ok: _groundwork-prove-\w+\.example\.org was written/,
    );
    assert.match(
      await proven(narrow, "www.example.com", 0, follow),
      /^error: NS knows the key and does not let it change _acme-challenge\.api\.example\.org \(REFUSED\)$/,
    );
    assert.match(await proven({}, "delegated.fixed.example"), /^error: .* change _acme-challenge\.delegated\.fixed/);
    assert.match(await proven({}, "fixed.example", 0, follow), /^error: .* change _acme-challenge\.fixed\.example/);
    assert.match(await proven({}, "loop.fixed.example", 0, follow), /^error: .* change _acme-challenge\.loop\.fixed/);
  });

  it("is told to be another one, unknown, or of another algorithm", async () => {
    assert.equal(
      await proven({ tsigSecret: Secret.of(SECRETS.narrow) }),
      "error: NS knows key 'acme', and its secret is another one (BADSIG)",
    );
    assert.equal(
      await proven({ tsigKeyName: "nobody" }),
      "error: NS does not know key 'nobody' with HMACSHA512 (BADKEY)",
    );
    assert.equal(
      await proven({ tsigAlgorithm: "HMACSHA256" }),
      "error: NS does not know key 'acme' with HMACSHA256 (BADKEY)",
    );
  });

  it("is told to be encoded twice", async () => {
    const port = server?.port ?? 0;
    const twice = Buffer.from(SECRETS.acme).toString("base64");
    const [proof] = proofs({ tsigSecret: Secret.of(twice) }, `127.0.0.1:${String(port)}`, ["example.org"]);
    assert.ok(proof !== undefined);
    const now = (): number => Math.floor(Date.now() / 1000);
    const [finding] = await prove(proof, { dial: dialTo(port), from: "this machine", now, aliasElsewhere });
    assert.match(finding?.remedy ?? "", /tsigSecret looks like base64 of a base64 text/);
  });

  it("names a clock that is off, by how much", async () => {
    assert.match(
      await proven({}, "example.org", -3600),
      /^error: the clocks of NS and of this machine differ by 3[56]\d\d s \(BADTIME\)$/,
    );
  });

  it("names a zone that is not the server's, and one that takes no updates", async () => {
    assert.equal(await proven({}, "example.com"), "error: NS is not the primary of zone example.com (NOTAUTH)");
    assert.equal(
      await proven({}, "fixed.example"),
      "error: NS knows the key and does not let it change _acme-challenge.fixed.example (REFUSED)",
    );
  });

  it("is a command, which shows the key nowhere", async () => {
    const cipher = stackCipher("open sesame");
    const directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    copyFileSync(join(ROOT, "Pulumi.yaml"), join(directory, "Pulumi.yaml"));
    const secret = (text: string): object => ({ secure: cipher.encrypt(text) });
    // By name: a loopback address is refused, for pods.
    const nameserver = `localhost:${String(server?.port)}`;
    const key = { tsigKeyName: "acme", tsigSecret: secret(SECRETS.acme) };
    const issuer = { type: "acme-dns01", server: "staging", zones: ["example.org"], nameserver, ...key };
    const config = {
      "groundwork:nodes": [
        { name: "atlas", role: "server", address: "192.0.2.11", hostKey: ed25519Key().public.trim() },
      ],
      "groundwork:ssh": { privateKey: secret(ed25519Key().private) },
      "groundwork:certificates": { certManager: true, email: "admin@k3s.example.net" },
      "groundwork:issuers": { le: issuer },
    };
    writeFileSync(join(directory, "Pulumi.home.yaml"), stringify({ encryptionsalt: cipher.salt, config }));
    const run = (...words: string[]): Promise<Captured> =>
      groundworkCommand(["certificate", "prove", ...words, "--stack", "home", "-C", directory], {
        env: { PULUMI_CONFIG_PASSPHRASE: "open sesame" },
      });
    const good = await run("le");
    assert.equal(good.code, 0, good.err);
    assert.match(good.out, /✓ update example\.org: _groundwork-prove-\w+\.example\.org was written and taken away/);
    const bad = await run("le", "--name", "www.example.com", "--json");
    assert.equal(bad.code, 3, bad.err);
    assert.match(bad.out, /NOTAUTH/);
    const nobody = await run("le", "--from", "rhea");
    assert.match(nobody.err, /--from: the stack has no node 'rhea'; write one of atlas/);
    for (const { out, err } of [good, bad, nobody]) assert.ok(!(out + err).includes(SECRETS.acme));
  });
});
