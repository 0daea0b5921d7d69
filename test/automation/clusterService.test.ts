import * as assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { StackError, type StackEvent } from "../../automation/stacks";

interface Run {
  readonly onEvent: (event: StackEvent) => void;
}

const FILE = path.join(__dirname, "..", "..", "examples", "cluster-service", "clusterService.js");

describe("the example of a service", () => {
  let server: Server;
  let stack: Record<string, unknown>;
  let opened: unknown[];

  beforeEach(async () => {
    const { clusterService } = (await import(pathToFileURL(FILE).href)) as {
      clusterService: (options: unknown) => RequestListener;
    };
    opened = [];
    const open = (...args: unknown[]): unknown => {
      opened.push(args);
      return stack;
    };
    server = createServer(clusterService({ token: "t0ken", open })).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
  });
  afterEach(() => server.close());

  const call = async (method: string, url: string, body?: string, token = "t0ken"): Promise<[number, unknown[]]> => {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${url}`, {
      method,
      body,
      headers: { authorization: `Bearer ${token}`, connection: "close" },
    });
    const lines = (await response.text()).trim().split("\n");
    return [response.status, lines.map((line) => JSON.parse(line) as unknown)];
  };
  const event: StackEvent = { kind: "summary", changes: { create: 1 }, seconds: 2 };

  it("makes a cluster for a request, and tells what happens", async () => {
    stack = {
      up: async ({ onEvent }: Run) => {
        onEvent(event);
        return { counts: { create: 1 } };
      },
    };
    assert.deepEqual(await call("PUT", "/clusters/office", '{"nodes":[]}'), [
      200,
      [event, { kind: "result", counts: { create: 1 } }],
    ]);
    assert.deepEqual(opened, [["office", { nodes: [] }]]);
  });

  it("answers with a status when nothing has happened yet, and with a last line when something has", async () => {
    const error = new StackError("locked", "stack 'office': up has to wait", { remedy: "wait" });
    stack = { preview: async () => Promise.reject(error) };
    const [status, [body]] = await call("PUT", "/clusters/office?dry-run", "{}");
    assert.deepEqual([status, (body as StackError).code, (body as StackError).remedy], [409, "locked", "wait"]);
    stack = {
      destroy: async ({ onEvent }: Run) => {
        onEvent(event);
        throw error;
      },
    };
    const [late, [, last]] = await call("DELETE", "/clusters/office");
    assert.deepEqual([late, (last as StackError).code], [200, "locked"]);
  });

  it("cancels what it is doing", async () => {
    let end = (): void => undefined;
    stack = {
      up: async ({ onEvent }: Run) => {
        onEvent(event);
        await new Promise<void>((resolve) => (end = resolve));
        return {};
      },
      cancel: async () => end(),
    };
    const running = call("PUT", "/clusters/office", "{}");
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal((await call("POST", "/clusters/office/cancel"))[0], 202);
    assert.equal((await running)[0], 200);
  });

  it("lets nobody in without the token, and refuses what it does not understand", async () => {
    stack = {};
    assert.equal((await call("GET", "/clusters/office", undefined, "other"))[0], 401);
    assert.equal((await call("GET", "/clusters/office/../../etc"))[0], 404);
    assert.equal((await call("PUT", "/clusters/office", "{"))[0], 400);
    assert.equal(opened.length, 0);
  });
});
