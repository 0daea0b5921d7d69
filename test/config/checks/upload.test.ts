import assert from "node:assert/strict";
import { parseSettings } from "../../../config/read/parse";
import { problemLine } from "../../../config/problem";
import type { Measured } from "../../../config/upload";
import { node, stack } from "../fixtures";

const SUM = "a".repeat(64);
const FILE: Measured = { bytes: 70_000_000, sha256: SUM, source: "k3s" };
const VERSION = "v1.35.0+k3s9"; // no sum of it is pinned

interface Given {
  readonly k3s?: object;
  readonly nodes?: readonly object[];
  readonly files?: Readonly<Record<string, Measured | string>>;
  readonly missingFiles?: "error" | "warning";
}

function read(upload: object, { k3s = {}, nodes, files = {}, missingFiles }: Given = {}) {
  const raw = stack({ k3s: { version: VERSION, upload, ...k3s }, ...(nodes === undefined ? {} : { nodes }) });
  const measure = (file: string) => files[file] ?? FILE;
  const { problems, warnings } = parseSettings(raw, { stack: "test", missingSecrets: "error", measure, missingFiles });
  return { errors: problems.map(problemLine), warnings: warnings.map(problemLine) };
}

describe("files that are uploaded", () => {
  it("are a k3s and archives of images, by architecture", () => {
    const upload = { binary: { amd64: "airgap/k3s" }, images: { amd64: ["/srv/images.tar.zst", "own.tar"] } };
    assert.deepEqual(read(upload), { errors: [], warnings: [] });
  });

  it("are there, or all that are not are missing at once; what uploads nothing is only warned", () => {
    const upload = { binary: { amd64: "k3s" }, images: { amd64: ["one.tar", "two.tar"] } };
    const files = { k3s: "/srv/k3s is not there", "two.tar": "/srv/two.tar is empty" };
    const missing = [
      "k3s.upload.binary.amd64: /srv/k3s is not there; put the file there, or correct the path",
      "k3s.upload.images.amd64[1]: /srv/two.tar is empty; put the file there, or correct the path",
    ];
    assert.deepEqual(read(upload, { files }), { errors: missing, warnings: [] });
    assert.deepEqual(read(upload, { files, missingFiles: "warning" }), { errors: [], warnings: missing });
  });

  it("are those of the architecture that they are named for, and of the version by its sum", () => {
    const upload = { binary: { amd64: "k3s" } };
    assert.deepEqual(read(upload, { files: { k3s: { ...FILE, builtFor: "arm64" } } }).errors, [
      "k3s.upload.binary.amd64: k3s is a program for arm64; name it as k3s.upload.binary.arm64, or get that for amd64",
    ]);
    assert.deepEqual(read(upload, { k3s: { sha256: { amd64: SUM } } }).errors, []);
    assert.match(
      read(upload, { k3s: { sha256: { amd64: "b".repeat(64) } } }).errors.join(),
      /has the SHA-256 a+, and k3s\.sha256\.amd64 is b+;/,
    );
    assert.match(
      read(upload, { k3s: { version: "v1.36.4+k3s1" } }).errors.join(),
      /and k3s v1\.36\.4\+k3s1 for amd64 is /,
    );
  });

  it("do not stand beside a mirror that k3s would be downloaded from", () => {
    const k3s = { mirror: "https://mirror.example.org/k3s" };
    assert.deepEqual(read({ binary: { amd64: "k3s" } }, { k3s }).errors, [
      "k3s.mirror: stands beside k3s.upload.binary, and k3s comes from one place only; take one of them out",
    ]);
    assert.deepEqual(read({ images: { amd64: ["a.tar"] } }, { k3s }).errors, []);
  });

  it("have names that k3s knows archives by, and no two the same", () => {
    const { errors } = read({ images: { amd64: ["images.zip", "my images.tar", "a/x.tar", "b/x.tar"] } });
    assert.deepEqual(errors, [
      "k3s.upload.images.amd64[0]: images.zip has no name that k3s takes for an archive of images; name it .tar, .tar.zst, .tar.gz, .tar.bz2 or .tar.lz4",
      "k3s.upload.images.amd64[1]: my images.tar has letters in it that a host does not take; use A-Z, a-z, 0-9 and . _ + - only",
      "k3s.upload.images.amd64[3]: has the same name as another archive (x.tar); give it another one",
    ]);
  });

  it("know their nodes where there are several architectures, and are of one version", () => {
    const nodes = [
      node("s1", { role: "server", address: "10.0.0.11", architecture: "amd64" }),
      node("a1"),
      node("a2", { architecture: "arm", k3sVersion: "v1.34.1+k3s1" }),
    ];
    const { errors } = read({ binary: { amd64: "k3s", arm64: "k3s-arm64" } }, { nodes });
    assert.deepEqual(errors, [
      "nodes[1].architecture: is missing, and k3s.upload has files for amd64 and arm64; write architecture: amd64 or arm64",
      "k3s.upload.binary.arm: is missing, and a2 is arm; name the file",
      "nodes[2].k3sVersion: differs from k3s.version, whose files k3s.upload has for all nodes; take it out; an upgrade in stages goes with k3s.mirror",
    ]);
  });
});
