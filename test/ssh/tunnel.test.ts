import assert from "node:assert/strict";
import { connect as connectTcp, createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { run } from "../../process/run";
import type { Connection } from "../../ssh/connect";
import { openTunnel, type Tunnel, type TunnelEnd } from "../../ssh/tunnel";
import { startSshServer, type TestSshServer } from "../../lab/test/engine/sshServer";

describe("a tunnel to the API", () => {
  let ssh: TestSshServer;
  let api: Server;
  let tunnel: Tunnel | undefined;
  before(async () => {
    ssh = await startSshServer();
    api = createServer((socket) => socket.end("the API")).listen(0, "127.0.0.1");
  });
  after(async () => {
    api.close();
    await ssh.close();
  });
  afterEach(() => tunnel?.close());

  const portOf = (server: Server): number => (server.address() as AddressInfo).port;
  const freePort = async (): Promise<number> => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const port = portOf(server);
    await new Promise((resolve) => server.close(resolve));
    return port;
  };
  const lives = (): Connection => ({
    host: "127.0.0.1",
    port: ssh.port,
    hostKey: ssh.hostKey,
    privateKey: ssh.privateKey,
    dialErrorLimit: 0,
  });
  const dead = async (): Promise<Connection> => ({ ...lives(), port: await freePort() });
  const ask = (port: number): Promise<string> =>
    new Promise((resolve) => {
      let text = "";
      const socket = connectTcp(port, "127.0.0.1");
      socket.on("data", (bytes) => (text += bytes.toString()));
      socket.on("error", () => undefined);
      socket.on("close", () => resolve(text));
    });
  const opened = async (ends: TunnelEnd[], apiPort = portOf(api)): Promise<{ port: number; said: string[] }> => {
    const [port, said] = [await freePort(), [] as string[]];
    tunnel = openTunnel({ port, apiPort, ends, report: (line) => said.push(line) });
    await tunnel.listening;
    return { port, said };
  };

  it("leads to the first server that lives, by one connection for all", async () => {
    const before = ssh.connections();
    const { port, said } = await opened([
      { name: "atlas", connection: await dead() },
      { name: "birch", connection: lives() },
    ]);
    assert.equal(await ask(port), "the API");
    assert.deepEqual(await Promise.all([ask(port), ask(port)]), ["the API", "the API"]);
    assert.equal(ssh.connections(), before + 1);
    assert.deepEqual(said, []);
  });

  it("goes through a bastion", async () => {
    const { port } = await opened([{ name: "atlas", connection: { ...lives(), proxy: lives() } }]);
    assert.equal(await ask(port), "the API");
  });

  it("dials nobody before somebody asks, and says once why nobody was reached", async () => {
    const none = await freePort();
    const { port, said } = await opened([{ name: "atlas", connection: lives() }], none);
    assert.deepEqual(said, []);
    assert.deepEqual([await ask(port), await ask(port)], ["", ""]);
    assert.equal(said.length, 1);
    assert.match(said[0]!, /^no server's API is reached through SSH: atlas: nothing answers on its port \d+ \(/);
  });

  it("is shared by two runs in one process, and the later one's servers count", async () => {
    const first = await opened([{ name: "atlas", connection: await dead() }]);
    const again = openTunnel({
      port: first.port,
      apiPort: portOf(api),
      ends: [{ name: "birch", connection: lives() }],
      report: () => undefined,
    });
    await again.listening;
    assert.equal(await ask(first.port), "the API");
  });

  it("does not take a port that another program has, and names the setting", async () => {
    const port = portOf(api);
    const other = openTunnel({ port, apiPort: 6443, ends: [], report: () => undefined });
    await assert.rejects(other.listening, {
      message: `the way to the API needs port ${port} on 127.0.0.1 of this machine, and another program has it; end that, or write another one in cluster.tunnelPort`,
    });
  });

  it("keeps no process alive", async () => {
    const options = { port: await freePort(), apiPort: portOf(api), ends: [{ name: "atlas", connection: lives() }] };
    const program = `
      const { openTunnel } = require(${JSON.stringify(join(__dirname, "../../ssh/tunnel"))});
      const options = JSON.parse(process.argv[1]);
      openTunnel({ ...options, report: console.error }).listening.then(() => {
        const socket = require("node:net").connect(options.port, "127.0.0.1");
        socket.on("data", (bytes) => console.log(bytes.toString()));
      });`;
    const typescript = join(__dirname, "../../bin/typescript.js");
    const args = ["--require", typescript, "--eval", program, JSON.stringify(options)];
    const { code, stdout, stderr } = await run(process.execPath, args, { timeoutMs: 15_000 });
    assert.deepEqual([code, stdout.trim()], [0, "the API"], stderr);
  });
});
