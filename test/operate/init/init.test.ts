import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../../config/read/load";
import { stackFileSource } from "../../../config/read/stackFile";
import { startSshServer, type TestSshServer } from "../../../lab/test/engine/sshServer";
import { askHostKey, knownAs } from "../../../operate/init/hostKeys";
import { initStack, type InitOptions } from "../../../operate/init/init";
import { lookAt, type Found } from "../../../operate/init/look";
import { readRequested, type Requested } from "../../../operate/init/request";
import { firstStackFile } from "../../../operate/init/stackFile";
import { ed25519Key } from "../../sshKey";

const CONTEXT = { sshConfig: "", localUser: "me", home: "/home/me", defaultIdentities: ["/home/me/.ssh/id_ed25519"] };

describe("a machine as somebody names it", () => {
  const read = (written: string, sshConfig = ""): unknown => {
    const machine = readRequested("server", written, { ...CONTEXT, sshConfig });
    if ("problem" in machine) return `${machine.path} ${machine.problem}; ${machine.remedy}`;
    const { name, user, address, port } = machine;
    return { name, user, address, port };
  };

  it("is an address, with a user, a port and a name where they are given", () => {
    assert.deepEqual(read("192.0.2.1"), { name: undefined, user: "me", address: "192.0.2.1", port: 22 });
    assert.deepEqual(read("atlas=admin@192.0.2.1:2222"), {
      name: "atlas",
      user: "admin",
      address: "192.0.2.1",
      port: 2222,
    });
    assert.deepEqual(read("admin@[2001:db8::1]:2222"), {
      name: undefined,
      user: "admin",
      address: "2001:db8::1",
      port: 2222,
    });
    assert.deepEqual(read("2001:db8::1"), { name: undefined, user: "me", address: "2001:db8::1", port: 22 });
  });

  it("is what the user's SSH configuration says, whose alias is its name", () => {
    const config = "Host atlas\n  HostName 192.0.2.1\n  User admin\n  Port 2222\nHost far\n  ProxyJump gate\n";
    assert.deepEqual(read("atlas", config), { name: "atlas", user: "admin", address: "192.0.2.1", port: 2222 });
    assert.match(
      String(read("far", config)),
      /is reached through gate .+which init cannot do; write its entry and the bastion/,
    );
  });

  it("is refused where it is none", () => {
    assert.equal(
      read("a b"),
      "--server a b is not a machine; write [NAME=][USER@]HOST[:PORT], e.g. admin@192.168.1.10",
    );
  });
});

describe("machines that a stack is to be made of", () => {
  let server: TestSshServer;
  let directory: string;
  let machine: Requested;
  before(async () => {
    server = await startSshServer();
    directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    writeFileSync(join(directory, "key"), server.privateKey, { mode: 0o600 });
    const written = `127.0.0.1:${String(server.port)}`;
    const read = readRequested("server", written, { ...CONTEXT, defaultIdentities: [join(directory, "key")] });
    assert.ok("role" in read);
    machine = read;
  });
  after(() => server.close());

  const options = (changes: Partial<InitOptions> = {}): InitOptions => ({
    stack: "home",
    project: "groundwork",
    file: join(directory, "Pulumi.home.yaml"),
    requested: [machine],
    interface: undefined,
    knownHosts: join(directory, "known_hosts"),
    agentSocket: undefined,
    acceptNewHostKeys: false,
    confirmKey: undefined,
    progress: () => undefined,
    ...changes,
  });

  it("show their key to whoever asks, and known_hosts tells whether it is known", async () => {
    const key = await askHostKey(machine);
    assert.equal(key.text, server.hostKey.split(" ").slice(0, 2).join(" "));
    assert.match(key.fingerprint, /^SHA256:[A-Za-z0-9+/]{43}$/);
    const file = join(directory, "known");
    const is = async (line: string): Promise<string> => {
      writeFileSync(file, line);
      return await knownAs(machine, key, file);
    };
    assert.equal(await is(""), "unknown");
    assert.equal(await is(`[127.0.0.1]:${String(server.port)} ${key.text}\n`), "known");
    assert.equal(await is(`127.0.0.1 ${key.text}\n`), "unknown");
    assert.equal(await is(`[127.0.0.1]:${String(server.port)} ${ed25519Key().public}`), "another");
  });

  it("are looked at with the key that lets in, and say what they are", async () => {
    const stranger = join(directory, "stranger");
    writeFileSync(stranger, ed25519Key().private);
    const found = await lookAt(
      { ...machine, identityFiles: [stranger, join(directory, "key")] },
      await askHostKey(machine),
      undefined,
    );
    assert.equal(found.hostname, hostname().toLowerCase().split(".")[0]);
    assert.equal(found.identityFile, join(directory, "key"));
    assert.ok(found.memoryMib > 0 && found.freeMib > 0);
  });

  it("are refused all at once, and nothing is written", async () => {
    const gone = { ...machine, written: "127.0.0.1:1", port: 1 };
    await assert.rejects(initStack(options({ requested: [machine, gone] })), (error: Error) => {
      assert.match(
        error.message,
        /^nothing was written:\n {2}--server 127\.0\.0\.1:\d+: shows the host key SHA256:\S+, which known_hosts does not have; compare it .+\n {2}--server 127\.0\.0\.1:1: cannot be looked at: connect ECONNREFUSED 127\.0\.0\.1:1; switch it on, or correct its address and port$/,
      );
      return true;
    });
  });

  it("are refused where somebody says that the key is another one", async () => {
    const asked: string[] = [];
    const confirmKey = (one: Requested): Promise<boolean> => {
      asked.push(one.written);
      return Promise.resolve(false);
    };
    await assert.rejects(initStack(options({ confirmKey })), /which known_hosts does not have/);
    assert.deepEqual(asked, [machine.written]);
  });

  it("are refused where none of the keys lets in, with the way to put one there", async () => {
    const none = { ...machine, identityFiles: [join(directory, "stranger")] };
    await assert.rejects(
      initStack(options({ requested: [none], acceptNewHostKeys: true })),
      /me is not let in with any of your keys; put one there \('ssh-copy-id -p \d+ me@127\.0\.0\.1'\)/,
    );
  });

  it("do not replace a file that is there", async () => {
    const file = join(directory, "Pulumi.there.yaml");
    writeFileSync(file, "");
    await assert.rejects(initStack(options({ file })), { message: `${file} exists already` });
  });
});

describe("a stack's first file", () => {
  const found = (name: string, role: "server" | "agent", at: number, changes: Partial<Found> = {}) => ({
    name,
    requested: {
      role,
      written: name,
      name,
      user: "admin",
      address: `192.0.2.${String(at)}`,
      port: 22,
      identityFiles: [],
    },
    hostKey: { text: ed25519Key().public.split(" ").slice(0, 2).join(" "), fingerprint: "SHA256:abc" },
    hostname: name,
    os: "Debian GNU/Linux 12 (bookworm)",
    arch: "x86_64",
    cpus: "4",
    memoryMib: 8192,
    freeMib: 102_400,
    disks: "sda 256 GB",
    addresses: [
      { address: `192.0.2.${String(at)}`, on: "eth0" },
      { address: `10.9.0.${String(at)}`, on: "wg0" },
    ],
    defaultInterface: "eth0",
    resolvers: ["192.0.2.53"],
    k3s: "",
    hasSystemd: true,
    root: "sudo" as const,
    identityFile: "/home/me/.ssh/id_ed25519",
    ...changes,
  });
  const read = (text: string) =>
    loadSettings(
      stackFileSource(text, "Pulumi.home.yaml", () => undefined),
      "home",
    );

  it("is read back as what was found", () => {
    const text = firstStackFile({
      stack: "home",
      hosts: [found("atlas", "server", 1), found("birch", "agent", 2)],
      interface: undefined,
    });
    const { nodes, dns, ssh, network } = read(text);
    assert.deepEqual(
      nodes.map(({ name, role, address, internalIp }) => [name, role, address, internalIp]),
      [
        ["atlas", "server", "192.0.2.1", undefined],
        ["birch", "agent", "192.0.2.2", undefined],
      ],
    );
    assert.deepEqual([dns.upstream, ssh.user, ssh.port, network.interface], [["192.0.2.53"], "admin", 22, undefined]);
    assert.match(
      text,
      /# Debian GNU\/Linux 12 \(bookworm\), x86_64, 4 CPUs, 8\.0 GiB of memory, 100 GiB free; disks: sda 256 GB/,
    );
    assert.match(text, /# 192\.0\.2\.1 on eth0, 10\.9\.0\.1 on wg0 \(a VPN's\); host key SHA256:abc/);
    assert.match(text, /Every machine has the interface wg0, which looks like a VPN's/);
  });

  it("has the addresses of the interface that was asked for, and the ports that differ", () => {
    const away = found("birch", "agent", 2);
    const hosts = [
      found("atlas", "server", 1),
      { ...away, requested: { ...away.requested, port: 2222, user: "root" } },
    ];
    const { nodes, network } = read(firstStackFile({ stack: "home", hosts, interface: "wg0" }));
    assert.deepEqual(
      nodes.map(({ internalIp }) => internalIp),
      ["10.9.0.1", "10.9.0.2"],
    );
    assert.equal(network.interface, "wg0");
    assert.deepEqual([nodes[1]?.ssh.port, nodes[1]?.ssh.user], [2222, "root"]);
  });

  it("says of a machine with a k3s how it is taken over", () => {
    const text = firstStackFile({
      stack: "home",
      hosts: [found("atlas", "server", 1, { k3s: "k3s.service" })],
      interface: undefined,
    });
    assert.match(text, /It has a k3s already \(k3s\.service\): 'adopt: true' takes it over with its cluster\./);
  });
});
