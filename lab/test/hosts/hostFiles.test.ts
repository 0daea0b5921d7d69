import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostFiles } from "../../hosts/host";
import { knownHosts, publicPart, sshConfig } from "../../hosts/keys";
import { tar } from "../../hosts/tar";
import { labPaths } from "../../paths";

const key = { privateKey: "PRIVATE\n", publicKey: "ssh-ed25519 HOST" };
const operator = { privateKey: "OPERATOR\n", publicKey: "ssh-ed25519 OPERATOR" };
const host = { name: "agent-1", role: "agent" as const, octet: 31 };
const hosts = [{ ...host, sshPort: 22002, hostKey: "ssh-ed25519 HOST" }];

describe("what a host is given", () => {
  it("is a key of its own, the operator's public key, an identity and an address on the VPN", () => {
    const files = hostFiles(host, key, operator, "id\n");
    const content = (path: string) => files.find((file) => file.path === path)?.content;
    assert.equal(content("etc/ssh/ssh_host_ed25519_key"), "PRIVATE\n");
    assert.equal(content("home/ops/.ssh/authorized_keys"), "ssh-ed25519 OPERATOR operator\n");
    assert.match(String(content("etc/groundwork-lab/host.env")), /^VPN_ADDRESS=10\.77\.0\.31\/24$/m);
    assert.ok(!JSON.stringify(files).includes('OPERATOR\\n"'), "the operator's private key stays on the machine");
  });

  it("arrives as an archive that tar reads, with modes", () => {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    try {
      execFileSync("tar", ["-x", "-p", "--no-same-owner", "-C", directory], {
        input: tar([
          { path: "a/", mode: 0o700 },
          { path: "a/secret", mode: 0o600, content: "x".repeat(513) },
          { path: "a/empty", mode: 0o644, content: "" },
          { path: "a/bytes", mode: 0o755, content: Buffer.from([0, 255]), owner: 1000 },
        ]),
      });
      assert.equal(readFileSync(join(directory, "a/secret"), "utf8").length, 513);
      assert.equal(statSync(join(directory, "a/secret")).mode & 0o777, 0o600);
      assert.equal(statSync(join(directory, "a")).mode & 0o777, 0o700);
      assert.deepEqual([...readFileSync(join(directory, "a/bytes"))], [0, 255]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
    assert.throws(() => tar([{ path: "x".repeat(101), mode: 0 }]), RangeError);
  });
});

describe("how the operator reaches a host", () => {
  it("is by the key that the lab gave it, and no other", () => {
    assert.equal(publicPart("ssh-ed25519 AAAA agent-1\n"), "ssh-ed25519 AAAA");
    assert.equal(knownHosts({ loopback: "127.0.0.1", hosts }), "agent-1,[127.0.0.1]:22002 ssh-ed25519 HOST\n");
    const config = sshConfig({ loopback: "127.0.0.1", hosts }, labPaths("default", "/checkout"), "ops");
    assert.match(config, /^Host agent-1\n {2}HostName 127\.0\.0\.1\n {2}Port 22002\n/);
    assert.match(config, /StrictHostKeyChecking yes/);
    assert.match(config, /GlobalKnownHostsFile none/);
  });
});
