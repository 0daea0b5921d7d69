import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Measured } from "../../../config/upload";
import { k3sBinary } from "../fake/releases";
import { NEXT_PATCH, onHost, VERSION, type Host } from "../host";
import { change } from "../preparations";
import { onHosts } from "./suite";

const ONE = ["server:s1", "agent:a1"];
const UPLOADS = "/var/lib/groundwork/upload";
const IMAGES = "/var/lib/rancher/k3s/agent/images";
const BINARY = k3sBinary(VERSION);
const sum = (text: string): string => createHash("sha256").update(text).digest("hex");
const called = (text: string, name: string): string => `${sum(text).slice(0, 16)}-${name}`;

/** The stack uploads these, and they are here. */
function uploading(host: Host, binary: string, ...archives: readonly string[]): void {
  const images = archives.map((_, at) => `images-${at}.tar`);
  const files = new Map<string, Measured>(
    [binary, ...archives].map((text, at) => {
      const source = ["k3s", ...images][at]!;
      return [source, { source, bytes: text.length, sha256: sum(text) }];
    }),
  );
  change(host, { k3s: { version: VERSION, upload: { binary: { amd64: "k3s" }, images: { amd64: images } } } });
  host.stack = { ...host.stack, measured: files };
  host.world.files.write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
}

/** What the provider does between the first step and the second. */
function bring(host: Host, text: string, name: string): void {
  host.world.files.write(`${UPLOADS}/${called(text, name)}`, text, 0o600);
}

onHosts("what is uploaded to a host", () => {
  for (const node of ["s1", "a1"]) {
    it(`is checked and installed, the archives before k3s starts, and the second run changes nothing, on ${node}`, () =>
      onHost(ONE, node, async (host) => {
        if (node === "a1") host.surround();
        uploading(host, BINARY, "one", "two");
        const { files } = host.world;
        await host.must("token");
        assert.deepEqual(files.list(UPLOADS), []);
        bring(host, BINARY, "k3s");
        bring(host, "one", "images-0.tar");
        bring(host, "two", "images-1.tar");
        host.world.fetch = (url) => (url.includes("/releases/") ? assert.fail(`${url} is downloaded`) : undefined);
        const { out } = await host.must("converge");
        assert.match(out, /^installing k3s \S+ as it was uploaded$/m);
        const wanted = [called("one", "images-0.tar"), called("two", "images-1.tar")].map(
          (name) => `groundwork-${name}`,
        );
        assert.deepEqual(files.list(IMAGES), wanted.sort());
        assert.deepEqual(files.list(UPLOADS), [called(BINARY, "k3s")], "archives are not kept twice");
        assert.match((await host.must("token", "converge")).out, /^unchanged$/m);
      }));
  }

  it("replaces what was uploaded before, and restarts k3s for an archive that is new or taken out", () =>
    onHost(ONE, "s1", async (host) => {
      const { files } = host.world;
      uploading(host, BINARY, "one");
      await host.must("token");
      bring(host, BINARY, "k3s");
      bring(host, "one", "images-0.tar");
      await host.must("converge");
      uploading(host, BINARY, "another");
      await host.must("token");
      bring(host, "another", "images-0.tar");
      assert.match((await host.must("converge")).out, /^changed: images; restarted k3s$/m);
      assert.deepEqual(files.list(IMAGES), [`groundwork-${called("another", "images-0.tar")}`]);
      files.write(`${IMAGES}/mine.tar`, "the user's own");
      uploading(host, BINARY);
      assert.match((await host.must("token", "converge")).out, /^changed: images; restarted k3s$/m);
      assert.deepEqual(files.list(IMAGES), ["mine.tar"]);
    }));

  it("is refused where it did not come whole, is gone, or is another version, and nothing is installed", () =>
    onHost(ONE, "s1", async (host) => {
      const { files } = host.world;
      uploading(host, BINARY);
      await host.must("token");
      assert.match((await host.run("converge")).err, /was uploaded once, and is not on this host any more/);
      files.write(`${UPLOADS}/${called(BINARY, "k3s")}`, BINARY.slice(0, 4000));
      assert.match((await host.run("converge")).err, /did not come whole/);
      const other = k3sBinary(NEXT_PATCH);
      uploading(host, other);
      await host.must("token");
      bring(host, other, "k3s");
      const { err } = await host.run("converge");
      assert.match(
        err,
        new RegExp(`says that it is ${NEXT_PATCH.replace("+", "\\+")}, expected ${VERSION.replace("+", "\\+")}`),
      );
      assert.ok(!files.exists("/usr/local/bin/k3s"));
      assert.deepEqual(
        files.list("/usr/local/bin").filter((name) => name.startsWith(".")),
        [],
      );
    }));

  it("is refused by a host of another architecture, before anything comes", () =>
    onHost(ONE, "s1", async (host) => {
      uploading(host, BINARY);
      const k3s = { version: VERSION, upload: { binary: { arm64: "k3s" }, images: {} } };
      host.stack = { ...host.stack, k3s };
      const { err, code } = await host.run("token");
      assert.notEqual(code, 0);
      assert.match(err, /this host is amd64, and would be uploaded files for arm64/);
      assert.ok(!host.world.files.exists(UPLOADS));
    }));

  it("goes from the host with the setting", () =>
    onHost(ONE, "s1", async (host) => {
      uploading(host, BINARY);
      await host.must("token");
      bring(host, BINARY, "k3s");
      await host.must("converge");
      host.stack = { ...host.stack, k3s: { version: VERSION } };
      assert.match((await host.must("token", "converge")).out, /^unchanged$/m);
      assert.ok(!host.world.files.exists(UPLOADS));
    }));
});
