import * as assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { versions } from "../../config/versions/pins";
import { updateSums } from "../../cli/versions";
import { groundworkCommand } from "./capture";

const release = `https://github.com/k3s-io/k3s/releases/download/${encodeURIComponent(versions.k3s)}`;
const sum = { amd64: "a".repeat(64), arm64: "b".repeat(64) };

describe("groundwork versions", () => {
  let directory: string;
  let file: string;
  let said = "";
  const out = (text: string): void => void (said += text);
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "versions-test-"));
    file = join(directory, "k3sSums.ts");
    said = "";
    copyFileSync(join(__dirname, "../../config/versions/k3sSums.ts"), file);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /** A network with these texts, which keeps what was asked for. */
  const network = (texts: Readonly<Record<string, string>>, asked: string[] = [], from = "https://objects.example/x") =>
    (async (url: string) => {
      asked.push(url);
      const text = texts[url.slice(url.lastIndexOf("-") + 1).replace(".txt", "")];
      return { url: from, ok: text !== undefined, status: 404, text: async () => text };
    }) as unknown as typeof fetch;
  const texts = {
    amd64: `${"c".repeat(64)}  k3s-airgap-images-amd64.tar\n${sum.amd64}  k3s\n`,
    arm64: `${sum.arm64} *k3s-arm64\n${"c".repeat(64)}  k3s-airgap-images-arm64.tar\n`,
  };
  const failure = async (get: typeof fetch): Promise<string> => {
    const before = readFileSync(file, "utf8");
    let message = "";
    await assert.rejects(updateSums(file, get, { out }), (error: Error) => {
      message = error.message;
      return true;
    });
    assert.equal(readFileSync(file, "utf8"), before, "something was written");
    return message;
  };

  it("shows the pins and the sums", async () => {
    const { code, out: text } = await groundworkCommand(["versions"]);
    assert.equal(code, 0);
    assert.match(text, /^k3s +v1\.[^]*^k3s for amd64 +[0-9a-f]{64}$[^]*^k3s for arm64 +[0-9a-f]{64}$/m);
    const { out: json } = await groundworkCommand(["versions", "--json"]);
    assert.equal((JSON.parse(json) as { versions: { k3s: string } }).versions.k3s, versions.k3s);
  });

  it("fetches the sums of the pinned k3s from its release, and writes them with where they are from", async () => {
    const asked: string[] = [];
    await updateSums(file, network(texts, asked), { out });
    assert.deepEqual(asked, [`${release}/sha256sum-amd64.txt`, `${release}/sha256sum-arm64.txt`]);
    const { k3sSums } = (await import(file)) as { k3sSums: object };
    assert.deepEqual(k3sSums, { [versions.k3s]: sum });
    const text = readFileSync(file, "utf8");
    assert.match(text, new RegExp(`^ \\* Those of .* are from ${release.replaceAll(".", "\\.")}/\\.$`, "m"));
    assert.match(said, /amd64 +a{64} \(CHANGED, was [0-9a-f]{64}\)/);
    await updateSums(file, network(texts), { out });
    assert.equal(readFileSync(file, "utf8"), text, "a second run changes nothing");
  });

  it("writes nothing where a sum cannot be had, or not safely", async () => {
    assert.match(
      await failure(network({ amd64: texts.amd64 })),
      /cannot get .*arm64\.txt: HTTP 404; nothing was written/,
    );
    assert.match(await failure(network({ ...texts, amd64: "<html>" })), /amd64\.txt has not one line for k3s;/);
    assert.match(await failure(network({ ...texts, amd64: texts.amd64.repeat(2) })), /has not one line for k3s;/);
    assert.match(await failure(network(texts, [], "http://elsewhere.example/x")), /redirected to http:\/\/elsewhere/);
    const offline = (async () =>
      Promise.reject(new TypeError("fetch failed", { cause: new Error("ENOTFOUND") }))) as never;
    assert.match(await failure(offline), /cannot get .*: ENOTFOUND; nothing was written/);
    writeFileSync(file, "export const other = {};\n");
    assert.match(await failure(network(texts)), /does not look as/);
  });
});
