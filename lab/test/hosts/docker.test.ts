import assert from "node:assert/strict";
import { mountsUnder } from "../../hosts/containerEngine";
import { limitFor } from "../../hosts/inotify";
import { dockerError } from "../../hosts/docker";
import { isDebian } from "../../hosts/machine";
import { freeLoopback, freeSshPort } from "../../hosts/network";
import { filesUnder } from "../../files";
import { imageName, PACKAGES, ROOTFS } from "../../hosts/recipe";
import { GIB, requireSpace } from "../../space";
import { eachAtOnce } from "../../hosts/up";

const failed = (stderr: string, code = 1) => dockerError("host server-1", { code, stdout: "", stderr }).message;

describe("a failure of the container engine", () => {
  it("that went away says that the command can be repeated", () => {
    const gone = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";
    assert.match(failed(gone), /^host server-1: the container engine does not answer; when it runs again, repeat/);
  });

  it("over a port names the address", () => {
    const taken =
      "Error response from daemon: driver failed programming external connectivity on endpoint x (0f): Error starting userland proxy: listen tcp4 127.0.0.1:6443: bind: address already in use";
    assert.match(failed(taken), /^host server-1: 127\.0\.0\.1:6443 is taken by another program; /);
    assert.match(failed("Bind for 127.0.0.1:22001 failed: port is already allocated"), /127\.0\.0\.1:22001 is taken/);
  });

  it("over space says so, and any other is its last line", () => {
    assert.match(failed("write /x: no space left on device"), /no space left on the container engine's disk/);
    assert.equal(
      failed("warning\nError: no such image\nSee 'docker run --help'."),
      "host server-1: Error: no such image",
    );
    assert.equal(failed("", 125), "host server-1: docker ended with 125");
  });
});

describe("what a lab takes of the machine", () => {
  it("is the first loopback address whose API port is free", async () => {
    assert.equal(
      await freeLoopback(["127.0.0.1", "127.0.0.2"], async (address) => address !== "127.0.0.1"),
      "127.0.0.2",
    );
    await assert.rejects(
      freeLoopback(["127.0.0.1"], async () => false),
      /^LabError: port 6443 is taken on every loopback address of this machine; stop what listens on it/,
    );
  });

  it("is a port for SSH that is free and given to no other host", async () => {
    assert.equal(await freeSshPort("127.0.0.1", new Set([22001]), async (_, port) => port !== 22002), 22003);
  });

  it("is refused with the numbers when the disk is too full", () => {
    requireSpace("/data", GIB, "the image", () => 2 * GIB);
    assert.throws(() => requireSpace("/data", 1.5 * GIB, "the image", () => GIB / 2), {
      message: "the image needs 1.5 GiB of free disk, and /data has 0.5 GiB; free some and repeat the command",
    });
  });

  it("is only done on its own where packages can be installed: Debian and its children", () => {
    assert.equal(isDebian('PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n'), true);
    assert.equal(isDebian("ID=ubuntu\nID_LIKE=debian\n"), true);
    assert.equal(isDebian('ID=linuxmint\nID_LIKE="ubuntu debian"\n'), true);
    assert.equal(isDebian("ID=fedora\n"), false);
  });
});

describe("the hosts' image", () => {
  it("has one name for one content", () => {
    const files = filesUnder(ROOTFS);
    assert.equal(imageName(files), imageName(filesUnder(ROOTFS)));
    assert.notEqual(imageName(files), imageName(files, [...PACKAGES, "nfs-common"]));
    assert.notEqual(imageName(files), imageName(files.slice(1)));
    assert.match(imageName(files), /^groundwork-lab:[0-9a-f]{12}$/);
  });
});

describe("work on many hosts", () => {
  it("goes on with so many at a time", async () => {
    let now = 0;
    let most = 0;
    await eachAtOnce([1, 2, 3, 4, 5], 2, async () => {
      most = Math.max(most, ++now);
      await new Promise((done) => setTimeout(done, 2));
      now--;
    });
    assert.equal(most, 2);
  });

  it("begins nothing more after a failure, and ends what is under way", async () => {
    const done: number[] = [];
    const work = async (item: number): Promise<void> => {
      if (item === 1) throw new Error("one");
      await new Promise((resolve) => setTimeout(resolve, 5));
      done.push(item);
    };
    await assert.rejects(eachAtOnce([1, 2, 3, 4], 2, work), /one/);
    assert.deepEqual(done, [2]);
  });
});

describe("the lab's own container engine", () => {
  it("is cleared of its mounts from the innermost outwards, and no other mount is touched", () => {
    const mounts =
      "dev / ext4\ndev /x/engine/data ext4\nnone /x/engine/data/a\\040b/merged overlay\nnone /x/engine2 tmpfs\n";
    assert.deepEqual(mountsUnder("/x/engine", mounts), ["/x/engine/data/a b/merged", "/x/engine/data"]);
  });
});

describe("the machine's limit of inotify instances", () => {
  it("is raised only when the new hosts would not find enough", () => {
    assert.equal(limitFor(3, 128, 40), 128);
    assert.equal(limitFor(3, 128, 117), 1024);
    assert.equal(limitFor(60, 1024, 200), 2080);
  });
});
