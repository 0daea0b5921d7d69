import * as assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { JWTPayload } from "jose" with { "resolution-mode": "import" };
import { Issuers, type KnownCaller } from "../../service/access/issuers";
import { jose } from "../../service/access/jose";
import type { TrustedIssuer } from "../../service/settings/issuerSettings";
import { LocalIssuer, SUBJECT } from "./localIssuer";

type Key = Awaited<ReturnType<LocalIssuer["key"]>>;

describe("tokens of other issuers", () => {
  let issuer: LocalIssuer;
  let key: Key;
  beforeEach(async () => {
    issuer = new LocalIssuer();
    await issuer.start();
    key = await issuer.key("first");
  });
  afterEach(() => issuer.stop());

  const trusting = (changes: Partial<TrustedIssuer> = {}, keys = { cooldownMs: 0, retryMs: 0 }): Issuers => {
    const trusted: TrustedIssuer = {
      ...{ issuer: issuer.address, audiences: ["groundwork"], jwksUri: undefined, maxAgeMinutes: 60 },
      algorithms: ["ES256", "RS256"],
      grants: [
        {
          claims: new Map([
            ["repository", ["acme/clusters"]],
            ["ref", ["refs/heads/main"]],
          ]),
          grants: [{ stack: "dev", verbs: ["up"] }],
        },
      ],
      ...changes,
    };
    return new Issuers([trusted], { keys });
  };
  const shown = (known: KnownCaller): string => {
    if ("caller" in known) return known.caller.grants.map(({ stack, verbs }) => `${stack}:${verbs.join()}`).join(" ");
    return "refused" in known ? known.refused : "away";
  };
  const outcome = async (claims: JWTPayload, changes: Partial<TrustedIssuer> = {}): Promise<string> =>
    shown(await trusting(changes).known(await issuer.token(key, claims)));

  it("are taken when issuer, audience, time and claims are right, by the keys that discovery tells", async () => {
    const known = await trusting().known(await issuer.token(key));
    assert.ok("caller" in known);
    assert.deepEqual(
      [known.caller.name, known.caller.grants],
      [`${new URL(issuer.address).host}:${SUBJECT}`, [{ stack: "dev", verbs: ["up"] }]],
    );
    assert.equal(await outcome({ aud: ["other", "groundwork"] }), "dev:up");
    assert.equal(await outcome({}, { jwksUri: `${issuer.address}/keys` }), "dev:up");
  });

  it("are refused with the reason when one of these is wrong", async () => {
    const now = Math.floor(Date.now() / 1000);
    assert.deepEqual(
      {
        "another issuer": await outcome({ iss: "https://example.com" }),
        "another audience": await outcome({ aud: "https://github.com/acme" }),
        "no audience": await outcome({ aud: undefined }),
        expired: await outcome({ exp: now - 60 }),
        "no end": await outcome({ exp: undefined }),
        "not yet valid": await outcome({ nbf: now + 600 }),
        "issued in time to come": await outcome({ iat: now + 600 }),
        "issued long ago": await outcome({ iat: now - 7200, exp: now + 7200 }),
        "no time of issue": await outcome({ iat: undefined }),
        "no subject": await outcome({ sub: undefined }),
        "an empty subject": await outcome({ sub: "" }),
        "another branch": await outcome({ ref: "refs/heads/mine" }),
        "a claim too few": await outcome({ repository: undefined }),
        "a clock a little late": await outcome({ exp: now - 10 }),
      },
      {
        "another issuer": "unknown-issuer",
        "another audience": "wrong-audience",
        "no audience": "incomplete",
        expired: "expired",
        "no end": "incomplete",
        "not yet valid": "not-yet-valid",
        "issued in time to come": "not-yet-valid",
        "issued long ago": "too-old",
        "no time of issue": "incomplete",
        "no subject": "incomplete",
        "an empty subject": "incomplete",
        "another branch": "no-grant",
        "a claim too few": "no-grant",
        "a clock a little late": "dev:up",
      },
    );
  });

  it("are refused when nobody, another key, or whoever knows the public key has signed them", async () => {
    const [header, payload] = (await issuer.token(key)).split(".") as [string, string];
    const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const rsa = await issuer.key("rsa", { alg: "RS256" });
    const pem = await jose.exportSPKI(rsa.publicKey);
    const hmacOf = (alg: string): string => {
      const text = `${encoded({ alg, kid: "rsa" })}.${payload}`;
      return `${text}.${createHmac("sha256", pem).update(text).digest("base64url")}`;
    };
    const other = await issuer.key("first", { isPublished: false });
    const unknown = await issuer.key("unknown", { isPublished: false });
    const real = await issuer.token(rsa);
    const issuers = trusting();
    const tokens = [
      `${encoded({ alg: "none" })}.${payload}.`,
      `${encoded({ alg: "none", kid: "first" })}.${payload}.x`,
      hmacOf("HS256"),
      hmacOf("RS256"),
      await issuer.token(other),
      await issuer.token(unknown),
      `${real.split(".", 1)[0] ?? ""}.${encoded({ iss: issuer.address, aud: "groundwork" })}.${real.split(".")[2] ?? ""}`,
      `${header}.${payload}.`,
    ];
    for (const token of tokens) assert.equal(shown(await issuers.known(token)), "bad-signature", token);
    assert.equal(shown(await issuers.known(real)), "dev:up");
    assert.equal(shown(await trusting({ algorithms: ["ES256"] }).known(real)), "bad-signature");
    for (const text of ["a.b.c", "..", "gw.", `${header}.${encoded("text")}.x`]) {
      assert.equal(shown(await issuers.known(text)), "unknown-issuer", text);
    }
  });

  it("are taken with a new key as soon as the issuer has it, and no more with one that it has withdrawn", async () => {
    const issuers = trusting();
    const old = await issuer.token(key);
    assert.equal(shown(await issuers.known(old)), "dev:up");
    const next = await issuer.key("second");
    issuer.withdraw(key);
    assert.equal(shown(await issuers.known(await issuer.token(next))), "dev:up");
    assert.equal(shown(await issuers.known(old)), "bad-signature");
  });

  it("have the issuer asked once, however many come with keys that it does not have", async () => {
    const issuers = trusting({}, { cooldownMs: 60_000, retryMs: 60_000 });
    const made = await issuer.token(await issuer.key("made up", { isPublished: false }));
    for (let at = 0; at < 5; at++) assert.equal(shown(await issuers.known(made)), "bad-signature");
    assert.equal(issuer.fetches, 1);
  });

  it("cannot be checked while the issuer is away, and are not refused for that", async () => {
    issuer.isAway = true;
    const issuers = trusting();
    const token = await issuer.token(key);
    assert.deepEqual(await issuers.known(token), {
      away: `${issuer.address}/.well-known/openid-configuration: the answer was 502`,
    });
    issuer.isAway = false;
    assert.equal(shown(await issuers.known(token)), "dev:up");
    // What it has said is kept for a while.
    issuer.isAway = true;
    assert.equal(shown(await issuers.known(token)), "dev:up");
    assert.equal(shown(await trusting({ jwksUri: `${issuer.address}/none` }).known(token)), "away");
  });

  it("may do all that any of the grants says whose claims they have", async () => {
    const grant = (
      claims: Record<
        string,
        TrustedIssuer["grants"][number]["claims"] extends ReadonlyMap<string, infer P> ? P : never
      >,
      stack: string,
    ): TrustedIssuer["grants"][number] => ({
      claims: new Map(Object.entries(claims)),
      grants: [{ stack, verbs: ["read"] }],
    });
    const grants = [
      grant({ repository: ["acme/clusters"] }, "exact"),
      grant({ repository: ["acme/other", { glob: "acme/*" }] }, "glob"),
      grant({ sub: [{ glob: "repo:acme/*:environment:prod" }] }, "environment"),
      grant({ sub: [{ glob: "repo:acme/**" }] }, "deep"),
      grant({ groups: ["ops"] }, "list"),
      grant({ "/kubernetes.io/serviceaccount/name": ["deployer"] }, "nested"),
      grant({ ref_protected: ["true"] }, "text"),
      grant({ constructor: [{ glob: "**" }] }, "inherited"),
    ];
    const allowed = async (claims: JWTPayload): Promise<string> =>
      (await outcome(claims, { grants })).replaceAll(":read", "");
    assert.equal(await allowed({}), "exact glob deep");
    assert.equal(await allowed({ repository: "acme/clusters/more", sub: "x" }), "no-grant");
    assert.equal(
      await allowed({ repository: "acmeXclusters", sub: "repo:acme/a:environment:prod" }),
      "environment deep",
    );
    // A name that has the end of a pattern in it does not get past the separators.
    assert.equal(await allowed({ repository: "x", sub: "repo:acme/a:ref:b:environment:prod" }), "deep");
    assert.equal(await allowed({ groups: ["dev", "ops"], ref_protected: true }), "exact glob deep list text");
    const nested = { "kubernetes.io": { serviceaccount: { name: "deployer" } } };
    assert.equal(await allowed({ repository: "x", sub: "x", ...nested }), "nested");
  });

  it("have names that fit into one line of a log, and never somebody else's", async () => {
    const grants = [{ claims: new Map([["repository", ["acme/clusters"]]]), grants: [] }];
    const issuers = trusting({
      grants: [{ ...grants[0], grants: [{ stack: "dev", verbs: ["read"] }] } as TrustedIssuer["grants"][number]],
    });
    const identity = async (sub: string): Promise<{ id: string; name: string }> => {
      const known = await issuers.known(await issuer.token(key, { sub }));
      assert.ok("caller" in known);
      return known.caller;
    };
    const hostile = [
      'a\n{"audit":true}',
      "a\u001b[31m",
      "<script>",
      "a_b",
      "a b",
      "x".repeat(3000),
      `${"x".repeat(3000)}y`,
      "‮evil",
    ];
    const identities = await Promise.all(hostile.map(identity));
    for (const { name, id } of identities) {
      assert.match(name, /^127\.0\.0\.1:\d+:[\w.:/@+=,#~-]+$/);
      assert.ok(name.length <= 200 && /^oidc_[0-9a-f]{32}$/.test(id));
    }
    assert.equal(new Set(identities.map(({ name }) => name)).size, hostile.length);
    assert.equal(new Set(identities.map(({ id }) => id)).size, hostile.length);
  });
});
