import assert from "node:assert/strict";
import { inspectionOf, unreached } from "../../../operate/preflight/inspection";
import { lowered } from "../../../operate/preflight/lower";
import { desiredNode, settingsOf } from "../../program";

describe("what a host says of itself", () => {
  const node = desiredNode("s1", { ssh: { user: "admin" } });

  it("is read as findings and facts", () => {
    const stdout = [
      "finding\tports\terror\tport 6443 is taken by another program\tk3s needs it",
      "finding\tmemory\tok\t24152 MiB of memory\t",
      "hostname=s1",
      "machine_id=0123456789abcdef",
      "initiator=",
      "addresses=192.0.2.1 eth0,10.9.0.1 wg0",
      "default_interface=eth0",
      "mtu=1420",
      "",
    ].join("\n");
    const { findings, facts } = inspectionOf(node, { code: 0, stdout, stderr: "" });
    assert.deepEqual(findings, [
      {
        check: "ports",
        where: "s1",
        level: "error",
        message: "port 6443 is taken by another program",
        remedy: "k3s needs it",
      },
      { check: "memory", where: "s1", level: "ok", message: "24152 MiB of memory", remedy: "" },
    ]);
    assert.deepEqual(facts, {
      hostname: "s1",
      machineId: "0123456789abcdef",
      initiator: "",
      addresses: [
        { address: "192.0.2.1", on: "eth0" },
        { address: "10.9.0.1", on: "wg0" },
      ],
      defaultInterface: "eth0",
      mtu: 1420,
    });
  });

  it("is an error with the way out where it could not be asked", () => {
    const shown = (stderr: string): unknown => {
      const [finding] = inspectionOf(node, { code: 1, stdout: "", stderr }).findings;
      return `${finding?.check ?? ""}: ${finding?.message ?? ""}; ${finding?.remedy ?? ""}`;
    };
    assert.equal(
      shown("sudo: a password is required\n"),
      "ssh: admin may not become root: sudo: a password is required; let admin use sudo without a password there, or set ssh.user to one who may",
    );
    assert.equal(shown("error: s1: not root; let ssh.user be root\n"), "host: not root; let ssh.user be root");
  });

  it("is why it was not reached, each with its own way out", () => {
    const shown = (message: string): string => {
      const { check, message: said, remedy } = unreached(node, new Error(message));
      return `${check}: ${said}; ${remedy}`;
    };
    assert.equal(
      shown("cannot connect to 192.0.2.1:22 after 2 failed attempts: connect ECONNREFUSED 192.0.2.1:22"),
      "ssh: it is not reached at 192.0.2.1 port 22: connect ECONNREFUSED 192.0.2.1:22; switch it on and start its sshd, or correct the node's address and port",
    );
    assert.match(
      shown("ssh: host key mismatch: 192.0.2.1 shows ssh-ed25519 AAAA, which is not the hostKey of its settings"),
      /^ssh: 192\.0\.2\.1 shows ssh-ed25519 AAAA, which is not the hostKey of its settings; compare it with what the machine itself says/,
    );
    assert.match(
      shown("cannot connect to 192.0.2.1:22 after 2 failed attempts: All configured authentication methods failed"),
      /^ssh: admin is not let in at 192\.0\.2\.1 port 22 with the stack's key; put the public half/,
    );
  });
});

describe("a check that counts less", () => {
  const { preflight } = settingsOf({ preflight: { lower: { "etcd-disk": "SD cards", clock: "no time server" } } });
  const finding = (check: string, level: "error" | "warning" | "ok") => ({
    check,
    where: "s1",
    level,
    message: "m",
    remedy: "r",
  });

  it("is one level lower, is shown all the same, and says why", () => {
    const found = [
      finding("etcd-disk", "error"),
      finding("clock", "warning"),
      finding("dns", "error"),
      finding("clock", "ok"),
    ];
    assert.deepEqual(lowered(found, preflight), [
      { ...finding("etcd-disk", "warning"), lowered: "SD cards" },
      { ...finding("clock", "ok"), lowered: "no time server" },
      finding("dns", "error"),
      finding("clock", "ok"),
    ]);
  });
});
