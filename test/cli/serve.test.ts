import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Served } from "../service/served";
import { groundworkCommand, ROOT, type Captured } from "./capture";

describe("groundwork serve", function () {
  this.timeout(60_000);
  let served: Served;
  beforeEach(() => (served = new Served({ dev: {} })));
  afterEach(() => served.remove());
  const token = (...args: readonly string[]): Promise<Captured> =>
    groundworkCommand(["serve", "token", ...args, "--config", served.file]);

  it("makes, lists and revokes tokens while the service runs", async () => {
    await served.start();
    const made = await token(
      "create",
      "--name",
      "ci",
      "--allow",
      "dev:read",
      "--allow",
      "*:preview",
      "--expires-in",
      "12h",
    );
    assert.equal(made.code, 0);
    const text = made.out.trim();
    assert.equal((await served.call("GET", "/stacks/dev", { token: text })).status, 200);
    const id = text.split("_")[1] ?? "";
    const listed = (await token("list")).out.split("\n").filter((line) => line.startsWith(id));
    assert.match(listed.join("\n"), new RegExp(`^${id}  ci  dev:read \\*:preview  until \\S+Z$`));
    assert.equal((await token("revoke", id)).err, `token ${id} is refused from now on\n`);
    assert.equal((await served.call("GET", "/stacks/dev", { token: text })).body.detail, "the token was revoked");
    const again = await token("revoke", id);
    assert.deepEqual(
      [again.code, again.err],
      [
        2,
        `groundwork: there is no token '${id}' that could be revoked; 'groundwork serve token list' has all of them\n`,
      ],
    );
  });

  it("makes no token for a stack that is not there, or without an end", async () => {
    const create = (grant: string, life: string): Promise<Captured> =>
      token("create", "--name", "ci", "--allow", grant, "--expires-in", life);
    assert.deepEqual(
      [await create("prod:up", "1d"), await create("dev:up", "9999d"), await create("dev:up", "soon")].map(
        ({ code, err }) => [code, err],
      ),
      [
        [2, "groundwork: the service has no stack 'prod'; name one of dev, or *\n"],
        [
          2,
          "groundwork: --expires-in: '9999d' is no life of a token; write hours or days, such as 12h or 90d, and 366d at most\n",
        ],
        [
          2,
          "groundwork: --expires-in: 'soon' is no life of a token; write hours or days, such as 12h or 90d, and 366d at most\n",
        ],
      ],
    );
  });

  it("is not started a second time on the same directory", async () => {
    await served.start();
    const { code, err } = await groundworkCommand(["serve", "--config", served.file]);
    const state = join(served.directory, "state");
    assert.deepEqual(
      [code, err],
      [
        1,
        `groundwork: another service (process ${process.pid}) has the directory ${state}; end it, or give this one another directory\n`,
      ],
    );
  });

  it("names the packages that it needs where they are not installed", () => {
    const without = join(served.directory, "without.cjs");
    writeFileSync(
      without,
      `const Module = require("node:module");
const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
  if (name !== "pino") return resolve.call(this, name, ...rest);
  throw Object.assign(new Error("Cannot find module 'pino'"), { code: "MODULE_NOT_FOUND" });
};`,
    );
    const program = ["--require", without, join(ROOT, "bin", "groundwork.js"), "serve", "--config", served.file];
    const { status, stderr } = spawnSync(process.execPath, program, { encoding: "utf8" });
    assert.deepEqual(
      [status, stderr],
      [
        1,
        "groundwork: the service needs packages that are not installed, first of all pino; run: npm install fastify fastify-type-provider-zod jose pino prom-client @fastify/rate-limit @fastify/sse @fastify/swagger @fastify/under-pressure pg\n",
      ],
    );
  });
});
