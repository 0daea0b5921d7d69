import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { checkEndpoint } from "../../../operate/certificate/check";
import { endpointOf } from "../../../operate/certificate/endpoint";
import { groundworkCommand } from "../../cli/capture";
import { TlsSite } from "./tlsServer";

describe("the certificate that a server shows", () => {
  const site = new TlsSite();
  const closing: Server[] = [];

  before(function () {
    this.timeout(60_000);
    site.authority("root");
    site.authority("middle", "root");
    site.certificate("web", "DNS:web.test,DNS:*.apps.test,IP:127.0.0.1", "middle");
    site.certificate("soon", "DNS:web.test", "root", ["-days", "20"]);
    site.certificate("nameless", "DNS:web.test", "root", ["-days", "90", "-subj", "/"]);
    site.certificate("lonely", "DNS:web.test", undefined, ["-days", "90", "-subj", "/"]);
    site.certificate("alone", "DNS:web.test", undefined);
    site.certificate("short", "DNS:web.test", "root", ["-newkey", "rsa:1024", "-sha1", "-days", "90"]);
    site.certificate("old", "DNS:web.test", "root", ["-sha1", "-days", "90"]);
    site.certificate("curve", "DNS:web.test", "root", [
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-days",
      "90",
    ]);
    site.certificate("ocsp", "DNS:web.test", "root", [
      "-days",
      "90",
      "-addext",
      "authorityInfoAccess=OCSP;URI:http://ocsp.test",
    ]);
    site.openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "90",
      "-subj",
      "/O=Acme Co/CN=Kubernetes Ingress Controller Fake Certificate",
      "-addext",
      "subjectAltName=DNS:ingress.local",
      "-keyout",
      "fake.key",
      "-out",
      "fake.pem",
    );
  });
  after(() => {
    site.close();
    for (const server of closing) server.close();
  });

  /** What is not well, in lines. */
  async function unwell(
    chain: readonly string[],
    more: { name?: string; now?: Date; ca?: string; options?: Parameters<TlsSite["serve"]>[1] } = {},
  ) {
    const port = await site.serve(chain, more.options);
    const ca = more.ca === "" ? {} : { authorities: site.read(more.ca ?? "root") };
    const endpoint = await endpointOf({ host: "127.0.0.1", port, serverName: more.name ?? "web.test", ...ca });
    return checkEndpoint(endpoint, more.now ?? new Date())
      .filter(({ level }) => level !== "ok")
      .map(({ level, check, message }) => `${level} ${check}: ${message}`);
  }

  it("is well with its chain, for each of its names", async () => {
    for (const name of ["web.test", "x.apps.test", "127.0.0.1"]) {
      assert.deepEqual(await unwell(["web", "middle"], { name }), []);
    }
    assert.deepEqual(await unwell(["curve"]), []);
  });

  it("is for another name, or a default one", async () => {
    assert.deepEqual(await unwell(["web", "middle"], { name: "other.test" }), [
      "error name: the certificate is not for other.test, but for web.test, *.apps.test, 127.0.0.1",
    ]);
    const [name, trust] = await unwell(["fake"]);
    assert.equal(
      name,
      "error name: the server has no certificate for web.test, and shows a default one (ingress-nginx's own)",
    );
    assert.equal(trust, "error trust: it is signed by itself and by nobody else");
  });

  it("lacks its intermediate one, also where this machine knows the root", async () => {
    const [only, ...none] = await unwell(["web"]);
    assert.match(only!, /^error trust: it is signed by middle, whose certificate the server does not send/);
    assert.deepEqual(none, []);
  });

  it("is of an authority that nobody knows, or signed by itself", async () => {
    assert.deepEqual(await unwell(["web", "middle", "root"], { ca: "" }), [
      "error trust: it leads to root, which this machine does not trust",
    ]);
    assert.deepEqual(await unwell(["alone"]), ["error trust: it is signed by itself and by nobody else"]);
  });

  it("has no subject, as cert-manager makes them, and is called by its first name", async () => {
    assert.deepEqual(await unwell(["nameless"]), []);
    assert.deepEqual(await unwell(["nameless"], { name: "other.test" }), [
      "error name: the certificate is not for other.test, but for web.test",
    ]);
    assert.match((await unwell(["nameless"], { ca: "" })).join(), /^error trust: it is signed by root, whose/);
    const [trust = "", ...none] = await unwell(["lonely"]);
    assert.match(trust, /^error trust: it is signed by (itself and by nobody else|an authority without a name)/);
    assert.deepEqual(none, []);
    const port = await site.serve(["nameless", "root"]);
    const all = checkEndpoint(await endpointOf({ host: "127.0.0.1", port, serverName: "web.test" }), new Date());
    assert.equal(all.find(({ check }) => check === "chain")?.message, "web.test ← root");
  });

  it("ends soon, has ended, or has not begun", async () => {
    assert.match((await unwell(["soon"])).join(), /^warning expiry: it ends on \d{4}-\d\d-\d\d, in (19|20) days$/);
    const later = new Date(Date.now() + 100 * 86_400_000);
    assert.match((await unwell(["web", "middle"], { now: later })).join(), /^error expiry: it has ended on /);
    const before = new Date(Date.now() - 86_400_000);
    assert.equal(
      (await unwell(["alone"], { now: before })).filter((text) => text.includes("is valid only from")).length,
      1,
    );
  });

  it("has a short key and an old signature", async () => {
    assert.deepEqual(await unwell(["short"], { options: { ciphers: "DEFAULT@SECLEVEL=0" } }), [
      "error key: short has a key of RSA 1024, which is too short",
    ]);
  });

  it("is signed with SHA-1", async () => {
    const [hash] = await unwell(["old"], { options: { ciphers: "DEFAULT@SECLEVEL=0" } });
    assert.equal(hash, "error key: old is signed with SHA-1");
  });

  it("comes with an old protocol", async () => {
    const old = { minVersion: "TLSv1" as const, maxVersion: "TLSv1.1" as const, ciphers: "DEFAULT@SECLEVEL=0" };
    assert.deepEqual(await unwell(["curve"], { options: old }), [
      "error protocol: it speaks TLSv1.1 at best, which no browser takes",
    ]);
  });

  it("has an OCSP responder and no stapled answer, or one", async () => {
    assert.deepEqual(await unwell(["ocsp"]), [
      "warning stapling: its authority has an OCSP responder, and the server staples no answer",
    ]);
    assert.deepEqual(await unwell(["ocsp"], { options: { stapled: Buffer.from("an answer") } }), []);
  });

  it("is not had where nothing answers, where it is no TLS, and where it takes too long", async () => {
    const silent = createServer(() => undefined);
    const plain = createServer((socket) => socket.on("error", () => undefined).end("220 mail.test ESMTP\r\n"));
    closing.push(silent, plain);
    const portOf = async (server: Server): Promise<number> => {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return (server.address() as AddressInfo).port;
    };
    const ask = async (port: number) => endpointOf({ host: "127.0.0.1", port, serverName: "web.test", timeoutMs: 500 });
    await assert.rejects(ask(1), /127\.0\.0\.1:1: nothing listens there/);
    await assert.rejects(ask(await portOf(plain)), /what answers speaks no TLS/);
    await assert.rejects(ask(await portOf(silent)), /no answer within 0\.5 s/);
    await assert.rejects(
      endpointOf({ host: "nobody.invalid", port: 443, serverName: "x" }),
      /the name is not found in DNS/,
    );
  });

  it("is told by the verb, with 3 where there is an error, and 1 where nothing answers", async () => {
    const port = await site.serve(["web", "middle"]);
    const address = `127.0.0.1:${String(port)}`;
    const good = await groundworkCommand([
      "certificate",
      "check",
      address,
      "--server-name",
      "web.test",
      "--ca",
      site.path("root.pem"),
    ]);
    assert.equal(good.code, 0, good.out + good.err);
    assert.match(good.out, /^✓ chain: web ← middle$/m);
    assert.match(good.out, /^✓ protocol: TLSv1\.3, TLS_/m);
    assert.match(good.out, /^0 errors, 0 warnings, \d+ ok$/m);
    const bad = await groundworkCommand([
      "certificate",
      "check",
      address,
      "--server-name",
      "other.test",
      "--quiet",
      "--json",
    ]);
    assert.equal(bad.code, 3);
    const { findings } = JSON.parse(bad.out) as { findings: { check: string; level: string }[] };
    assert.deepEqual(
      findings.filter(({ level }) => level === "error").map(({ check }) => check),
      ["name", "trust"],
    );
    assert.equal((await groundworkCommand(["certificate", "check", "127.0.0.1:1"])).code, 1);
    const usage = await groundworkCommand(["certificate", "check", "https://web.test/"]);
    assert.equal(usage.code, 2);
    assert.match(usage.err, /is no HOST\[:PORT\]; write it without https/);
  });
});
