import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../../../process/temporaryDirectory";
import { architecture, assetName, releases } from "../../site/release";
import type { RunFailed } from "./clusterOnLab";
import { life, traces } from "./hostFacts";
import { oneLab, withoutAddons } from "./oneLab";

const HOST = "server-1";
const IMAGES = "/var/lib/rancher/k3s/agent/images";
const UPLOADS = "/var/lib/groundwork/upload";
const MIB = 1 << 20;

// One lab for all of it, in this order. The hosts reach no mirror.
describe("k3s that is uploaded from the operator's machine", function () {
  const here = temporaryDirectory();
  const archive = join(here.path, "images.tar.zst");
  after(() => here.remove());
  const theLab = oneLab(this, "test-upload", async (lab) => {
    writeFileSync(archive, randomBytes(40 * MIB));
    await lab.up({ servers: 1, agents: 0 });
    withoutAddons(lab);
    lab.set(["k3s", "mirror"], undefined);
    const binary = join(lab.paths.mirror, releases(lab.paths).at(-1) ?? "", assetName(architecture()));
    lab.set(["k3s", "upload"], {
      binary: { [architecture()]: binary },
      images: { [architecture()]: [archive] },
    });
  });

  it("is installed by a user who is not root, with the archive in k3s's directory when k3s starts", async () => {
    const lab = theLab();
    const { text } = await lab.apply();
    assert.match(text, /installing k3s \S+ as it was uploaded/);
    assert.equal(await inPlace(), nameOf(archive));
    assert.equal(await lab.on(HOST, `stat -c '%a %U' ${IMAGES}/*`), "644 root");
    assert.equal(await lab.on(HOST, `cat ${IMAGES}/* | sha256sum`), `${sumOf(archive)}  -`);
    assert.equal(await lab.on(HOST, `stat -c '%a %U' ${UPLOADS}; ls ${UPLOADS} | sed 's/.*-//'`), "700 ops\nk3s");
    const [placed, started] = (
      await lab.on(HOST, `stat -c %Z ${IMAGES}/*; date -d "$(systemctl show -p ActiveEnterTimestamp --value k3s)" +%s`)
    ).split("\n");
    assert.ok(Number(placed) <= Number(started), `placed at ${placed}, k3s started at ${started}`);
  });

  it("is not uploaded again where nothing changed, nor where the same content lies elsewhere", async () => {
    const lab = theLab();
    assert.deepEqual((await lab.apply()).operations, []);
    const copy = join(here.path, "copy", "..", "images.tar.zst");
    lab.set(["k3s", "upload", "images"], { [architecture()]: [copy] });
    const before = await life(lab, HOST);
    const { operations } = await lab.apply();
    assert.ok(!operations.includes(`updated ${HOST}`), operations.join(", "));
    assert.equal(await life(lab, HOST), before);
  });

  it("refuses files that are missing, empty or of another sum, all at once, before anything is changed", async () => {
    const lab = theLab();
    const before = await life(lab, HOST);
    const empty = join(here.path, "empty.tar");
    writeFileSync(empty, "");
    lab.set(["k3s", "upload"], {
      binary: { [architecture()]: archive },
      images: { [architecture()]: [empty, join(here.path, "nothing.tar")] },
    });
    await assert.rejects(lab.apply(), (failed: RunFailed) => {
      const said = `${failed.message}\n${failed.reported}`;
      assert.match(said, /k3s\.upload\.binary\.\w+: has the SHA-256 [0-9a-f]{64}, and k3s\.sha256\.\w+ is/);
      assert.match(said, /images\.\w+\[0\]: \S+ is empty/);
      assert.match(said, /images\.\w+\[1\]: \S+ is not there/);
      return true;
    });
    assert.equal(await life(lab, HOST), before);
    rmSync(empty);
    const binary = join(lab.paths.mirror, releases(lab.paths).at(-1) ?? "", assetName(architecture()));
    lab.set(["k3s", "upload"], { binary: { [architecture()]: binary }, images: { [architecture()]: [archive] } });
  });

  it("takes up another archive with a restart, and takes the one before away", async () => {
    const lab = theLab();
    const before = await life(lab, HOST);
    writeFileSync(archive, randomBytes(MIB));
    const { operations } = await lab.apply();
    assert.deepEqual(
      [...operations].sort(),
      ["-drain", "-ready", "-token", "-upload-images.tar.zst", ""].map((step) => `updated ${HOST}${step}`).sort(),
    );
    assert.notEqual(await life(lab, HOST), before);
    assert.equal(await inPlace(), nameOf(archive));
  });

  it("says what to do where what was uploaded is gone, and a repair uploads it again", async () => {
    const lab = theLab();
    await lab.on(HOST, `rm -rf ${UPLOADS} ${IMAGES}`);
    lab.setNode(HOST, "labels", { changed: "yes" });
    lab.set(["k3s", "kubectlCompletion"], true);
    await assert.rejects(lab.apply(), (failed: RunFailed) => {
      assert.match(failed.reported, /-images\.tar\.zst was uploaded once, and is not on this host any more/);
      assert.match(failed.reported, /write 'repair: \{ at: <a new word> \}' on the node/);
      return true;
    });
    lab.setNode(HOST, "repair", { at: "again", drain: true });
    await lab.apply();
    assert.equal(await inPlace(), nameOf(archive));
    assert.equal(await lab.on(HOST, "systemctl is-active k3s"), "active");
  });

  it("leaves nothing on a host that is given back", async () => {
    const lab = theLab();
    await lab.destroy();
    assert.deepEqual(await traces(lab, HOST), []);
    assert.equal(await lab.on(HOST, `ls -d ${UPLOADS} ${IMAGES} 2>/dev/null || true`), "");
  });

  async function inPlace(): Promise<string> {
    return await theLab().on(HOST, `ls -A ${IMAGES}`);
  }
});

function sumOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

function nameOf(path: string): string {
  return `groundwork-${sumOf(path).slice(0, 16)}-images.tar.zst`;
}
