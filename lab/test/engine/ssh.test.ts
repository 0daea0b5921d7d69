import assert from "node:assert/strict";
import { createServer, type AddressInfo, type Server } from "node:net";
import type { Work } from "../../engine/executor";
import { remoteCommand } from "../../engine/remoteCommand";
import { startSshServer, type TestSshServer } from "./sshServer";

describe("a remote command of the lab engine", () => {
  let server: TestSshServer;
  let lines: string[];
  before(async () => void (server = await startSshServer()));
  after(() => server.close());
  beforeEach(() => void (lines = []));

  const connection = () => ({
    host: "127.0.0.1",
    port: server.port,
    user: "ops",
    privateKey: server.privateKey,
    hostKey: server.hostKey,
  });
  const work = (inputs: Record<string, unknown>): Work => ({
    urn: "urn:pulumi:lab::groundwork::command:remote:Command::n1",
    name: "n1",
    type: "command:remote:Command",
    inputs: { connection: { ...connection(), dialErrorLimit: 0 }, ...inputs },
    wasCutOff: false,
    print: (line) => lines.push(line),
  });
  const stdoutOf = async (inputs: Record<string, unknown>) =>
    (await remoteCommand.create(work(inputs))).outputs["stdout"];

  it("shows each line as it comes, and records stdout and stderr without their last line end", async () => {
    const made = await remoteCommand.create(
      work({ create: "sh -s", stdin: "printf 'one\\ntw'; printf 'o\\n\\n'; echo aside >&2" }),
    );
    assert.equal(made.outputs["stdout"], "one\ntwo\n");
    assert.equal(made.outputs["stderr"], "aside");
    assert.deepEqual(
      lines.filter((line) => line !== "aside"),
      ["one", "two", ""],
    );
    assert.ok(lines.includes("aside"));
  });

  it("shows only what logging allows", async () => {
    for (const [logging, shown] of Object.entries({ none: [], stdout: ["out"], stderr: ["err"] })) {
      lines = [];
      assert.equal(await stdoutOf({ create: "echo out; echo err >&2", logging }), "out");
      assert.deepEqual(lines, shown, logging);
    }
  });

  it("has the exit status of a command that ends at once and reads no input", async () => {
    for (let round = 0; round < 5; round++) assert.equal(await stdoutOf({ create: "true", stdin: "unread" }), "");
  });

  it("passes an input of a megabyte", async () => {
    assert.equal(
      await stdoutOf({ create: "wc -c | tr -d ' '", stdin: "x".repeat(1 << 20), logging: "none" }),
      String(1 << 20),
    );
  });

  it("goes through a proxy, and checks both host keys", async () => {
    const proxy = connection();
    assert.equal(await stdoutOf({ connection: { ...connection(), proxy }, create: "echo through" }), "through");
    const stranger = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ1dCBhIHN0cmFuZ2VyJ3Mga2V5IG9mIDMyIGJ5dGVz";
    for (const wrong of [
      { ...connection(), proxy: { ...proxy, hostKey: stranger } },
      { ...connection(), hostKey: stranger, proxy },
    ]) {
      await assert.rejects(
        stdoutOf({ connection: wrong, create: "true" }),
        /host key mismatch: 127\.0\.0\.1 shows ssh-ed25519 /,
      );
    }
  });

  it("accepts every host key where none is given, and names a host key that is none", async () => {
    assert.equal(await stdoutOf({ connection: { ...connection(), hostKey: undefined }, create: "echo in" }), "in");
    await assert.rejects(
      stdoutOf({ connection: { ...connection(), hostKey: "AAAA" }, create: "true" }),
      /failed to parse host key: write it as/,
    );
  });

  it("says which signal or status ended it, with the command and its lines", async () => {
    await assert.rejects(stdoutOf({ create: "exec sh -s", stdin: "echo half way; kill -KILL $$" }), {
      message: 'Process exited with signal KILL: running "exec sh -s":\nhalf way\n',
    });
  });

  it("does not imitate environment", async () => {
    await assert.rejects(stdoutOf({ create: "true", environment: { A: "1" } }), /does not imitate environment/);
  });
});

describe("connecting", () => {
  let refusing: Server;
  let attempts = 0;
  before(async () => {
    refusing = createServer((socket) => {
      attempts++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => refusing.listen(0, "127.0.0.1", resolve));
  });
  after(() => new Promise((resolve) => refusing.close(resolve)));

  it("tries again as often as dialErrorLimit says, and says each time why", async () => {
    const { port } = refusing.address() as AddressInfo;
    const lines: string[] = [];
    const inputs = { connection: { host: "127.0.0.1", port, dialErrorLimit: 2 }, create: "true" };
    const run = remoteCommand.create({
      urn: "",
      name: "n1",
      type: "",
      inputs,
      wasCutOff: false,
      print: (line) => lines.push(line),
    });
    await assert.rejects(run, /^Error: cannot connect to 127\.0\.0\.1:\d+ after 2 failed attempts: \S+/);
    assert.equal(attempts, 3);
    assert.match(lines[0]!, /^connecting to 127\.0\.0\.1:\d+, attempt 1\/2 failed: \S+/);
    assert.equal(lines.length, 2);
  });
});
