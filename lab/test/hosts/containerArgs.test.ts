import assert from "node:assert/strict";
import { hostArgs, networkArgs, siteArgs } from "../../hosts/containerArgs";

const settings = {
  lab: "default",
  directory: "/checkout/.cache/lab/default",
  image: "groundwork-lab:0123456789ab",
  mirror: "/checkout/.cache/lab/default/mirror",
  loopback: "127.0.0.1",
};
const server = { name: "server-1", address: "172.30.0.11", sshPort: 22001, publishApi: true };
const after = (args: readonly string[], flag: string) => args.filter((_, index) => args[index - 1] === flag);

describe("the container engine's commands for a lab", () => {
  it("publish on a loopback address only: SSH of every host, the API of the first server", () => {
    assert.deepEqual(after(hostArgs(settings, server), "--publish"), ["127.0.0.1:22001:22", "127.0.0.1:6443:6443"]);
    const agent = { name: "agent-1", address: "172.30.0.31", sshPort: 22002, publishApi: false };
    assert.deepEqual(after(hostArgs(settings, agent), "--publish"), ["127.0.0.1:22002:22"]);
    assert.deepEqual(after(siteArgs(settings, "172.30.0.2"), "--publish"), []);
  });

  it("never ask for --privileged, and drop the capability that a machine may lack itself", () => {
    const args = hostArgs(settings, server);
    assert.ok(!args.includes("--privileged"));
    assert.ok(args.includes("--cap-drop=SYS_RESOURCE"));
  });

  it("label every container, network and volume with the lab", () => {
    for (const args of [
      hostArgs(settings, server),
      siteArgs(settings, "172.30.0.2"),
      networkArgs("default", settings.directory, "172.30.0", "gwl-0"),
    ]) {
      assert.ok(after(args, "--label").includes("groundwork.lab=default"));
      assert.ok(after(args, "--label").includes(`groundwork.lab.directory=${settings.directory}`));
    }
    assert.ok(hostArgs(settings, server).some((arg) => arg.includes("volume-label=groundwork.lab=default")));
  });

  it("mount the mirror so that no host can change it", () => {
    const mounts = after(hostArgs(settings, server), "--mount");
    assert.ok(mounts.includes(`type=bind,src=${settings.mirror},dst=/srv/groundwork-lab/k3s,readonly`));
  });

  it("end with the image and systemd", () => {
    assert.deepEqual(hostArgs(settings, server).slice(-2), [settings.image, "/lib/systemd/systemd"]);
  });
});
