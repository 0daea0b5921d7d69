import * as assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { stackCipher } from "../../config/read/stackCipher";
import { ServiceClient, ServiceError, type RecordedEvent } from "../../service/client";
import { freePort } from "../freePort";
import { ed25519Key } from "../sshKey";
import { killed, Served } from "./served";

describe("a client of the service", function () {
  this.timeout(60_000);
  let served: Served;
  afterEach(() => served.remove());
  const client = async (): Promise<ServiceClient> =>
    new ServiceClient({
      address: served.address,
      token: await served.token("dev:read,preview,up,refresh,destroy,approve,cancel,outputs"),
    });

  it("previews, approves, watches through a kill (-9) of the service, and destroys", async () => {
    served = new Served(
      { dev: { up: [{ line: "before" }, "hold", { line: "after" }] } },
      { listen: { port: await freePort() } },
    );
    const before = await served.spawn();
    const service = await client();
    assert.deepEqual(await service.stacks(), [{ name: "dev" }]);
    const preview = await service.ended((await service.preview("dev")).id);
    assert.equal(preview.state, "succeeded");
    const run = await service.approve(preview.id, { message: "reviewed", idempotencyKey: "once" });
    const lines: string[] = [];
    const events = service.events(run.id);
    const next = async (): Promise<void> => {
      const { value } = (await events.next()) as { readonly value: RecordedEvent };
      lines.push(value.kind === "line" ? value.text : value.kind);
    };
    await next();
    await killed(before, "SIGKILL");
    const goesOn = next();
    await served.spawn();
    served.release("dev");
    await goesOn;
    await next();
    const { value: end } = await events.next();
    assert.deepEqual(lines, ["before", "after", "summary"]);
    assert.equal("state" in end ? end.state : "", "succeeded");
    assert.equal((await service.approve(preview.id, { message: "reviewed", idempotencyKey: "once" })).id, run.id);
    assert.equal((await service.ended((await service.run("dev", { kind: "destroy" })).id)).state, "succeeded");
    assert.deepEqual(
      (await service.operations("dev")).map(({ kind }) => kind),
      ["destroy", "up", "preview"],
    );
    assert.deepEqual((await service.history("dev", { limit: 1 })).length, 1);
    assert.equal((await service.outputs("dev"))["kubeconfig"], "[secret]");
  });

  it("throws the service's problems", async () => {
    served = new Served({ dev: {} });
    await served.start();
    const service = await client();
    const refused = service.run("prod", { kind: "up" });
    await assert.rejects(refused, (error) => {
      assert.ok(error instanceof ServiceError);
      assert.deepEqual(
        [error.code, error.problem.status, error.remedy],
        ["forbidden", 403, "use a token with 'prod:up'"],
      );
      return true;
    });
  });

  it("has the plan of a preview done while the settings are the same, and nothing when they are not", async () => {
    served = new Served({ dev: {} }, {}, { engine: "memoryEngine" });
    const key = ed25519Key();
    const write = (name: string): void => {
      const cipher = stackCipher("correct horse");
      const node = { name, role: "server", address: "192.0.2.1", hostKey: key.public };
      const ssh = { privateKey: { secure: cipher.encrypt(key.private) } };
      const config = { "groundwork:nodes": [node], "groundwork:ssh": ssh };
      writeFileSync(join(served.project("dev"), "Pulumi.dev.yaml"), stringify({ encryptionsalt: cipher.salt, config }));
    };
    write("atlas");
    await served.start();
    const service = await client();
    const preview = async (): Promise<string> => {
      const { id, state, error } = await service.ended((await service.preview("dev")).id);
      assert.deepEqual([state, error], ["succeeded", undefined]);
      return id;
    };
    const [first, second] = [await preview(), await preview()];
    const done = await service.ended((await service.approve(first)).id);
    assert.deepEqual([done.state, done.error], ["succeeded", undefined]);
    write("birch");
    const { state, error } = await service.ended((await service.approve(second)).id);
    assert.deepEqual([state, error?.code], ["failed", "plan-differs"]);
  });
});
