import * as assert from "node:assert/strict";
import { utils } from "ssh2";
import { Secret } from "../../../config/secret";
import { errors, hostKeys, node, stack, warnings } from "../fixtures";
import { ed25519Key } from "../../sshKey";

const server = (name: string, more: object = {}): Record<string, unknown> => node(name, { role: "server", ...more });
const plain = Secret.of(ed25519Key().private);
const encrypted = Secret.of(
  utils.generateKeyPairSync("ed25519", { passphrase: "x", cipher: "aes256-ctr", rounds: 4 }).private,
);

describe("ssh", () => {
  it("asks for a node's host key, with the command that prints it", () => {
    assert.deepEqual(
      errors(stack({ nodes: [node("s1", { role: "server", address: "10.0.0.11", hostKey: undefined })] })),
      ["nodes[0].hostKey: is missing; print it with: ssh-keyscan -t ed25519 -p 22 10.0.0.11"],
    );
  });

  it("asks for a bastion's host key, and says where to look for a node's", () => {
    assert.deepEqual(
      errors(
        stack({
          nodes: [node("s1", { role: "server", address: "10.0.0.11", hostKey: undefined, ssh: { port: 2222 } })],
          ssh: {
            privateKey: Secret.sealed(),
            bastion: "gate",
            bastions: { gate: { address: "gate.example.org", port: 2200 } },
          },
        }),
      ),
      [
        "nodes[0].hostKey: is missing; print it with: ssh-keyscan -t ed25519 -p 2222 10.0.0.11 (on bastion gate)",
        "ssh.bastions.gate.hostKey: is missing; print it with: ssh-keyscan -t ed25519 -p 2200 gate.example.org",
      ],
    );
  });

  it("goes without host keys only with trustOnFirstUse, and warns", () => {
    const raw = stack({
      nodes: [node("s1", { role: "server", hostKey: undefined })],
      ssh: { privateKey: Secret.sealed(), trustOnFirstUse: true },
    });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "ssh.trustOnFirstUse: accepts any machine that answers, and gives it the cluster's secrets; write hostKey on every node instead; keep this for disposable labs",
    ]);
  });

  it("takes a line of known_hosts apart", () => {
    assert.deepEqual(errors(stack({ nodes: [server("s1", { hostKey: `10.0.0.11 ${hostKeys[0]}` })] })), [
      "nodes[0].hostKey: does not begin with the key's type; write it without what stands before: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILNtgnL4mcFDZOfW/24FSMpPg1SZNIA8bbgWVGLB9iJm",
    ]);
  });

  it("refuses a fingerprint", () => {
    assert.deepEqual(errors(stack({ nodes: [server("s1", { hostKey: "SHA256:abc" })] })), [
      "nodes[0].hostKey: is a fingerprint; write the whole public key",
    ]);
  });

  it("refuses a damaged host key", () => {
    assert.deepEqual(errors(stack({ nodes: [server("s1", { hostKey: hostKeys[0].slice(0, -4) })] })), [
      "nodes[0].hostKey: is damaged: what follows ssh-ed25519 is not such a key; copy the whole line",
    ]);
  });

  it("refuses what is no host key", () => {
    assert.deepEqual(errors(stack({ nodes: [server("s1", { hostKey: "foo" })] })), [
      "nodes[0].hostKey: is not a public host key; write one like 'ssh-ed25519 AAAA…'",
    ]);
  });

  it("knows the bastions that are named", () => {
    assert.deepEqual(
      errors(
        stack({
          nodes: [server("s1", { ssh: { bastion: "gat" } })],
          ssh: {
            privateKey: Secret.sealed(),
            bastion: "x",
            bastions: { gate: { address: "192.0.2.1", hostKey: hostKeys[3] } },
          },
        }),
      ),
      [
        "ssh.bastion: 'x' is not a bastion; write gate, or describe it under ssh.bastions",
        "nodes[0].ssh.bastion: 'gat' is not a bastion; write gate, or describe it under ssh.bastions",
      ],
    );
  });

  it("keeps the name 'none' for a direct connection", () => {
    assert.deepEqual(
      errors(
        stack({
          nodes: [server("s1", { ssh: { bastion: "none" } })],
          ssh: { privateKey: Secret.sealed(), bastions: { none: { address: "192.0.2.1", hostKey: hostKeys[3] } } },
        }),
      ),
      ["ssh.bastions.none: 'none' means a direct connection; give the bastion another name"],
    );
  });

  it("asks for the private key", () => {
    assert.deepEqual(errors(stack({ ssh: {} })), [
      "ssh.privateKey: is not set; set it with: pulumi config set --secret --path 'groundwork:ssh.privateKey' < FILE",
    ]);
  });

  it("refuses a public key as the private one", () => {
    assert.deepEqual(errors(stack({ ssh: { privateKey: Secret.of(hostKeys[0]) } })), [
      "ssh.privateKey: is a public key; set the private one, from the file without .pub",
    ]);
  });

  it("refuses PuTTY's format", () => {
    assert.deepEqual(errors(stack({ ssh: { privateKey: Secret.of("PuTTY-User-Key-File-3: ssh-ed25519") } })), [
      "ssh.privateKey: is in PuTTY's format; convert it with: puttygen KEY.ppk -O private-openssh",
    ]);
  });

  it("refuses a private key that is cut off", () => {
    assert.deepEqual(errors(stack({ ssh: { privateKey: Secret.of("-----BEGIN PRIVATE KEY-----\nAAAA") } })), [
      "ssh.privateKey: is cut off: its END line is missing; set the whole file: pulumi config set --secret --path 'groundwork:ssh.privateKey' < FILE",
    ]);
  });

  it("asks for the passphrase of an encrypted key, and refuses one that no key has", () => {
    assert.deepEqual(errors(stack({ ssh: { privateKey: encrypted } })), [
      "ssh.privateKey: is encrypted; set its passphrase too: pulumi config set --secret --path 'groundwork:ssh.privateKeyPassphrase'",
    ]);
    const privateKeyPassphrase = Secret.of("x");
    assert.deepEqual(errors(stack({ ssh: { privateKey: encrypted, privateKeyPassphrase } })), []);
    assert.deepEqual(errors(stack({ ssh: { privateKey: plain, privateKeyPassphrase } })), [
      "ssh.privateKeyPassphrase: is set, but ssh.privateKey has no passphrase; remove it with: pulumi config rm --path 'groundwork:ssh.privateKeyPassphrase'",
    ]);
  });

  it("takes an encrypted key for a bastion with its passphrase, and a passphrase with its key", () => {
    const gate = { address: "192.0.2.1", hostKey: hostKeys[3], privateKey: encrypted };
    const passphrase = { privateKeyPassphrase: Secret.of("x") };
    const found = (bastion: object): string[] =>
      errors(stack({ ssh: { privateKey: Secret.sealed(), bastions: { gate: bastion } } }));
    assert.deepEqual(found(gate), [
      "ssh.bastions.gate.privateKey: is encrypted; set its passphrase too: pulumi config set --secret --path 'groundwork:ssh.bastions.gate.privateKeyPassphrase'",
    ]);
    assert.deepEqual(found({ ...gate, ...passphrase }), []);
    const remove = "remove it with: pulumi config rm --path 'groundwork:ssh.bastions.gate.privateKeyPassphrase'";
    assert.deepEqual(found({ ...gate, ...passphrase, privateKey: plain }), [
      `ssh.bastions.gate.privateKeyPassphrase: is set, but ssh.bastions.gate.privateKey has no passphrase; ${remove}`,
    ]);
    assert.deepEqual(found({ ...gate, ...passphrase, privateKey: undefined }), [
      `ssh.bastions.gate.privateKeyPassphrase: is set, but ssh.bastions.gate.privateKey is not; ${remove}`,
    ]);
  });

  it("needs no private key with an agent", () => {
    assert.deepEqual(errors(stack({ ssh: { agent: true } })), []);
  });

  it("goes through one bastion, and says the way round for two", () => {
    const inner = { address: "192.0.2.1", hostKey: hostKeys[3], proxyJump: "outer" };
    assert.deepEqual(errors(stack({ ssh: { privateKey: Secret.sealed(), bastions: { inner } } })), [
      "ssh.bastions.inner.proxyJump: is not a setting; @pulumi/command goes through one bastion and no more. Keep 'ssh -N -L 2222:INNER:22 OUTER' running, and give the inner one address: 127.0.0.1, port: 2222 and its own hostKey",
    ]);
  });

  it("is asked about the API's way where every server is behind a bastion", () => {
    const gate = { address: "192.0.2.1", hostKey: hostKeys[3] };
    const ssh = { privateKey: Secret.sealed(), bastion: "gate", bastions: { gate } };
    const found = (more: object): string[] => warnings(stack({ ssh, ...more }));
    assert.deepEqual(found({}), [
      "cluster.apiThrough: is not set, and every server is behind a bastion: the API is dialled directly, at 10.0.0.11; write ssh to go through the bastion to it, or direct where that address can be dialled from here",
    ]);
    assert.deepEqual(found({ cluster: { apiThrough: "ssh", tunnelPort: 20001 } }), []);
    assert.deepEqual(found({ cluster: { apiAddress: "k3s.example.org" } }), []);
    assert.deepEqual(found({ cluster: { apiThrough: "direct", tunnelPort: 20001 } }), [
      "cluster.tunnelPort: has no effect without cluster.apiThrough: ssh; take it out, or set that",
    ]);
  });

  it("takes a password of sudo in one line, and warns where nobody is asked for it", () => {
    const ssh = { user: "ops", privateKey: Secret.sealed(), sudoPassword: Secret.of("a\nb") };
    const one = stack({ ssh: { ...ssh, user: "root", sudoPassword: Secret.of("x") } });
    assert.deepEqual(errors(stack({ ssh })), [
      "ssh.sudoPassword: has a line break, and sudo takes one line; set it again without the break",
    ]);
    assert.deepEqual(errors(one), []);
    assert.deepEqual(warnings(one), [
      "ssh.sudoPassword: is not used: root needs no sudo; leave it out, or write the user that sudo is for in ssh.user",
    ]);
  });

  it("warns of two machines with one host key", () => {
    const raw = stack({
      nodes: [server("s1", { hostKey: hostKeys[0] }), node("a1"), node("a2", { hostKey: `${hostKeys[0]} root@s1` })],
    });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "nodes[2].hostKey: is the host key of nodes[0] too, so that either machine can answer for the other; if one is a clone, make new keys on it with 'rm /etc/ssh/ssh_host_*; ssh-keygen -A', restart its sshd, and write the new one here",
    ]);
  });
});
