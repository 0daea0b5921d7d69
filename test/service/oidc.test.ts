import * as assert from "node:assert/strict";
import { ServiceClient } from "../../service/client";
import { LocalIssuer } from "./localIssuer";
import { Served } from "./served";

describe("the service with an issuer that it trusts", function () {
  this.timeout(60_000);
  let issuer: LocalIssuer;
  let served: Served;
  let key: Awaited<ReturnType<LocalIssuer["key"]>>;
  beforeEach(async () => {
    issuer = new LocalIssuer();
    await issuer.start();
    key = await issuer.key("first");
    const grants = [
      { claims: { ref: "refs/heads/main" }, allow: ["dev:read,preview,approve"] },
      { claims: { environment: "prod" }, allow: ["prod:read,up"] },
    ];
    const oidc = [{ issuer: issuer.address, audience: "groundwork", grants }];
    served = new Served({ dev: {}, prod: {} }, { oidc, requestsPerMinute: 12 });
    await served.start();
  });
  afterEach(async () => {
    await served.remove();
    await issuer.stop();
  });

  it("lets a job preview and approve what its grant says, under its subject's name", async () => {
    const service = new ServiceClient({ address: served.address, token: () => issuer.token(key) });
    const preview = await service.ended((await service.preview("dev")).id);
    const run = await service.ended((await service.approve(preview.id, { idempotencyKey: "job-1" })).id);
    const name = `${new URL(issuer.address).host}:repo:acme/clusters:ref:refs/heads/main`;
    assert.deepEqual([preview.state, run.state, run.requestedBy], ["succeeded", "succeeded", name]);
    // Another token of the same subject has the same keys.
    assert.equal((await service.approve(preview.id, { idempotencyKey: "job-1" })).id, run.id);
    await assert.rejects(service.run("dev", { kind: "up" }), { code: "forbidden" });
    await assert.rejects(service.run("prod", { kind: "up" }), { code: "forbidden" });
    assert.deepEqual(
      (await service.stacks()).map((stack) => stack.name),
      ["dev"],
    );
    assert.ok(served.log.includes(`"audit":true,"token":"${name}","operation":"${run.id}"`));
  });

  it("refuses others without a word of what their tokens say, and has it in its log", async () => {
    const stranger = await issuer.token(key, { sub: "repo:evil/clusters", ref: "refs/heads/evil" });
    const answer = await served.call("GET", "/stacks", { token: stranger });
    assert.deepEqual(answer.body, {
      type: "urn:groundwork:problem:forbidden",
      title: "Forbidden",
      status: 403,
      detail: "the service's file grants nothing to such a token of this issuer",
      remedy: "ask the operator for a grant in 'oidc' of the service's file",
    });
    const late = await served.call("GET", "/stacks", { token: await issuer.token(key, { exp: 1 }) });
    assert.deepEqual(
      [late.status, late.headers.get("www-authenticate"), late.body.detail],
      [401, "Bearer", "the token has expired"],
    );
    assert.match(served.log, /"refused":"no-grant","token":"127\.0\.0\.1:\d+:repo:evil\/clusters"/);
    assert.ok(!served.log.includes(stranger.split(".")[1] ?? ""));
  });

  it("takes its own tokens while the issuer is away, and says of the others what is the matter", async () => {
    issuer.isAway = true;
    const away = await served.call("GET", "/stacks", { token: await issuer.token(key) });
    assert.deepEqual(
      [away.status, away.body.type, away.body.detail],
      [503, "urn:groundwork:problem:issuer-away", "the token cannot be checked: its issuer's keys cannot be had now"],
    );
    assert.equal((await served.call("GET", "/stacks")).status, 200);
    assert.match(served.log, /"reason":"http:[^"]+: the answer was 502"/);
  });

  it("counts the requests of a subject, whatever token it has, and not those of another", async () => {
    const ask = async (claims = {}): Promise<number> =>
      (await served.call("GET", "/stacks", { token: await issuer.token(key, claims) })).status;
    for (let at = 0; at < 12; at++) assert.equal(await ask({ jti: String(at) }), 200);
    assert.equal(await ask({ jti: "more" }), 429);
    assert.equal(await ask({ sub: "repo:acme/clusters:environment:prod" }), 200);
  });
});
