import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileError, sourceHash } from "../../site/goProgram";
import { stamp } from "../../site/hollow";
import { ensureRelease, k3sSource } from "../../site/mirror";
import { officialBinary, sumOf } from "../../site/official";
import { architecture, assetName, releases } from "../../site/release";
import { labPaths, type LabPaths } from "../../paths";
import type { Progress } from "../../progress";

const quiet: Progress = { step: async (_, work) => await work(() => undefined), note: () => undefined };
const version = "v1.36.4+k3s1";

describe("the lab's mirror of k3s", () => {
  let root: string;
  let paths: LabPaths;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    paths = labPaths("default", root);
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it("is laid out like k3s's releases, with sums that sha256sum accepts", async () => {
    const binary = join(root, "k3s");
    writeFileSync(binary, "#!/bin/sh\n");
    assert.equal(await ensureRelease(paths, binary, version, quiet), true);
    const arch = architecture();
    execFileSync("sha256sum", ["--check", "--strict", `sha256sum-${arch}.txt`], {
      cwd: join(paths.mirror, version),
      stdio: "pipe",
    });
    assert.equal(readFileSync(join(paths.mirror, version, assetName(arch)), "utf8"), "#!/bin/sh\n");
    assert.deepEqual(releases(paths), [version]);
    assert.equal(await ensureRelease(paths, binary, version, quiet), false, "the same again is nothing to do");
  });

  it("gives a hollow binary of one's own the release that it is put as", async () => {
    const binary = join(root, "k3s");
    writeFileSync(binary, `code hollow-k3s-release-stamp:${version.padEnd(40)}:more code`);
    await ensureRelease(paths, binary, "v1.35.6+k3s1", quiet);
    const put = readFileSync(join(paths.mirror, "v1.35.6+k3s1", assetName(architecture())), "utf8");
    assert.match(put, /release-stamp:v1\.35\.6\+k3s1 /);
    assert.deepEqual(releases(paths), ["v1.35.6+k3s1"]);
  });

  it("names the binary as k3s does for each architecture", () => {
    assert.deepEqual(["amd64", "arm64", "arm"].map(assetName), ["k3s", "k3s-arm64", "k3s-armhf"]);
    assert.throws(() => architecture("mips"), /not released for this machine's architecture \(mips\)/);
  });

  it("refuses a version that is none, and a binary that is not there", async () => {
    await assert.rejects(ensureRelease(paths, "hollow", "../x", quiet), /is not a k3s version/);
    assert.throws(() => k3sSource("/nowhere/k3s"), /there is no such file; write hollow, real, or the path/);
  });
});

describe("hollow k3s", () => {
  const binary = Buffer.from(`\0code\0hollow-k3s-release-stamp:${version.padEnd(40)}:more code`);

  it("is given another release without a compile, and keeps its length", () => {
    const stamped = stamp(binary, "v1.35.10+k3s12");
    assert.equal(stamped.length, binary.length);
    assert.ok(stamped.includes(`hollow-k3s-release-stamp:${"v1.35.10+k3s12".padEnd(40)}:more code`));
  });

  it("is refused where it does not carry exactly one stamp", () => {
    assert.throws(() => stamp(Buffer.from("elf"), version), /does not carry exactly one release stamp/);
    assert.throws(() => stamp(Buffer.concat([binary, binary]), version), /exactly one/);
  });

  it("that does not compile is told by the compiler's first error, not by a package's name", () => {
    const verbose =
      "k8s.io/apiserver/errors\n# hollow-k3s/internal/cli\ninternal/cli/cli.go:7:2: undefined: x\nk8s.io/y\n";
    assert.equal(compileError(verbose), "internal/cli/cli.go:7:2: undefined: x");
    assert.equal(compileError("go: go.mod requires go >= 1.26.0\n"), "go: go.mod requires go >= 1.26.0");
  });

  it("is compiled again for other sources, not for other tests", () => {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    try {
      mkdirSync(join(directory, "internal"));
      writeFileSync(join(directory, "go.mod"), "module hollow-k3s\n");
      writeFileSync(join(directory, "internal", "a.go"), "package internal\n");
      const first = sourceHash(directory);
      writeFileSync(join(directory, "internal", "a_test.go"), "package internal\n");
      assert.equal(sourceHash(directory), first);
      writeFileSync(join(directory, "internal", "a.go"), "package internal // other\n");
      assert.notEqual(sourceHash(directory), first);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

describe("the official releases of k3s", () => {
  const asset = assetName(architecture());
  let server: Server;
  let base: string;
  let cache: string;
  let sum: string;
  beforeEach(async () => {
    cache = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    sum = createHash("sha256").update("binary").digest("hex");
    server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? "");
      if (path === `/${version}/${asset}`) response.end("binary");
      else if (path.startsWith(`/${version}/sha256sum-`)) {
        response.end(`${"0".repeat(64)}  k3s-images.txt\n${sum}  ${asset}\n`);
      } else response.writeHead(404).end();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  afterEach(async () => {
    rmSync(cache, { recursive: true, force: true });
    await new Promise((done) => server.close(done));
  });

  it("are fetched once and checked against their sums", async () => {
    const path = await officialBinary(cache, version, quiet, base);
    assert.equal(readFileSync(path, "utf8"), "binary");
    assert.equal(await officialBinary(cache, version, quiet, "http://127.0.0.1:9"), path);
  });

  it("that come damaged are not kept", async () => {
    sum = "1".repeat(64);
    await assert.rejects(officialBinary(cache, version, quiet, base), /came damaged/);
    assert.equal(existsSync(join(cache, "k3s", version, asset)), false);
  });

  it("that do not exist or cannot be reached are told in one line with another way", async () => {
    await assert.rejects(
      officialBinary(cache, "v9.9.9+k3s1", quiet, base),
      /k3s v9\.9\.9\+k3s1 cannot be fetched: .* answers 404/,
    );
    await assert.rejects(
      officialBinary(cache, version, quiet, "http://127.0.0.1:9"),
      /^LabError: the official releases of k3s cannot be reached \(.+\); use hollow k3s/,
    );
  });

  it("have sums by the file's whole name", () => {
    assert.equal(sumOf(`${"a".repeat(64)}  k3s-arm64\n${"b".repeat(64)} *k3s\n`, "k3s"), "b".repeat(64));
    assert.equal(sumOf("nonsense  k3s\n", "k3s"), undefined);
  });
});
