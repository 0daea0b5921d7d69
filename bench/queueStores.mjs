// Whether pg-boss loses or repeats a job when its process is killed (-9) at random points: on PGlite in a directory, or on the PostgreSQL
// that DATABASE_URL names. The service's own store was chosen by it (docs/service.md); nothing here is part of it.
//
//   npm install --no-save pg-boss@12.38.0 @electric-sql/pglite@0.5.17 pg@8.23.1
//   node bench/queueStores.mjs
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const KILLS = Number(process.env.GROUNDWORK_BENCH_KILLS ?? "100");
/** Most kills come within this time after the process said that it is ready; every fifth while it opens its store. */
const LONGEST_MS = 800;
const EVERY_EARLY = 5;
const QUEUE = "runs";
const KEYS = 5;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const [, , role, directory, isLast] = process.argv;
if (role === "work") await work(directory, isLast === "last");
else await kills();

async function kills() {
  const place = mkdtempSync(join(tmpdir(), "groundwork-bench-"));
  writeFileSync(join(place, "witness"), "");
  let broken = 0;
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const { code, err } = await life(place, kill % EVERY_EARLY === 0 ? "early" : "ready");
      if (code !== null) {
        broken++;
        process.stderr.write(err);
      }
    }
    const { code, out, err } = await life(place, undefined);
    if (code !== 0) throw new Error(`the store cannot be opened any more: ${err}`);
    process.stdout.write(`${JSON.stringify({ kills: KILLS, broken, ...counted(place, JSON.parse(out)) })}\n`);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** Lost: acknowledged and gone, done and not so any more, or a record without its job. Doubled: begun more than once. */
function counted(place, rows) {
  const witness = readFileSync(join(place, "witness"), "utf8");
  const said = (what) => [...witness.matchAll(new RegExp(`^${what} (\\S+)$`, "gm"))].map(([, id]) => id);
  const whole = new Set(
    rows.filter(({ state, outcome }) => state === "completed" && outcome !== null).map(({ id }) => id),
  );
  const begun = said("begun");
  return {
    sent: said("sent").length,
    lost: new Set([...said("sent"), ...said("done")].filter((id) => !whole.has(id))).size,
    torn: rows.filter(({ state, outcome }) => state === null || outcome === null).length,
    doubled: begun.length - new Set(begun).size,
    interrupted: new Set(said("interrupted")).size,
  };
}

/** Starts the process that works, kills it, and gives how it ended. */
function life(place, kill) {
  const args = [fileURLToPath(import.meta.url), "work", place, ...(kill === undefined ? ["last"] : [])];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const text = { out: "", err: "" };
  const killSoon = (within) => setTimeout(() => child.kill("SIGKILL"), Math.random() * within);
  if (kill === "early") killSoon(3 * LONGEST_MS);
  child.stdout.on("data", (chunk) => {
    if (kill === "ready" && text.out === "") killSoon(LONGEST_MS);
    text.out += chunk;
  });
  child.stderr.on("data", (chunk) => (text.err += chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, err: text.err, out: text.out.replace(/^ready\n/, "") }));
  });
}

/** Sends jobs and does them, and notes what it was told; the last one only does what is left. */
async function work(place, isLast) {
  const { PgBoss } = await import("pg-boss");
  const store = await openStore(place);
  const quiet = { supervise: false, schedule: false, registerInstance: false };
  const boss = new PgBoss({ db: store.forBoss, backend: store.backend, ...quiet });
  boss.on("error", (error) => process.stderr.write(`${String(error)}\n`));
  await boss.start();
  await boss.createQueue(QUEUE, { policy: "key_strict_fifo", retryLimit: 0, expireInSeconds: 3600 });
  await store.query("CREATE TABLE IF NOT EXISTS record (id uuid PRIMARY KEY, outcome text)");
  const note = (what) => appendFileSync(join(place, "witness"), `${what}\n`);
  const settle = async (outcome, id) => {
    await store.query("UPDATE record SET outcome = $2 WHERE id = $1 AND outcome IS NULL", [id, outcome]);
    await boss.complete(QUEUE, id);
    note(`${outcome} ${id}`);
  };
  // What was under way when the process before this one was killed.
  for (const { id } of await store.query("SELECT id FROM pgboss.job WHERE name = $1 AND state = 'active'", [QUEUE])) {
    await settle("interrupted", id);
  }
  process.stdout.write("ready\n");
  const send = async () => {
    for (;;) {
      const id = randomUUID();
      await store.transaction(async ({ query, forBoss }) => {
        await query("INSERT INTO record (id) VALUES ($1)", [id]);
        await boss.send(QUEUE, {}, { id, singletonKey: `stack-${Math.floor(Math.random() * KEYS)}`, db: forBoss });
      });
      note(`sent ${id}`);
      await pause(Math.random() * 10);
    }
  };
  const doJobs = async () => {
    for (;;) {
      const [job] = await boss.fetch(QUEUE);
      if (job === undefined && isLast) return;
      if (job === undefined) await pause(2);
      else {
        note(`begun ${job.id}`);
        await pause(Math.random() * 10);
        await settle("done", job.id);
      }
    }
  };
  await Promise.all([isLast ? undefined : send(), doJobs()]);
  const rows = "SELECT r.id, r.outcome, j.state::text FROM record r FULL JOIN pgboss.job j ON j.id = r.id";
  const found = await store.query(rows);
  await boss.stop({ close: false });
  await store.close();
  process.stdout.write(JSON.stringify(found));
}

async function openStore(place) {
  const url = process.env.DATABASE_URL;
  if (url === undefined) {
    const { PGlite } = await import("@electric-sql/pglite");
    const { fromPglite } = await import("pg-boss");
    const pglite = await PGlite.create({ dataDir: join(place, "pglite") });
    const over = (run) => ({
      query: async (text, values) => (await run.query(text, values)).rows,
      forBoss: fromPglite(run),
    });
    const transaction = (inside) => pglite.transaction((running) => inside(over(running)));
    return { ...over(pglite), backend: "pglite", transaction, close: () => pglite.close() };
  }
  const { Pool } = (await import("pg")).default;
  const pool = new Pool({ connectionString: url, max: 8 });
  const over = (run) => ({
    query: async (text, values) => (await run.query(text, values)).rows,
    forBoss: {
      executeSql: async (text, values) => {
        const result = await run.query(text, values);
        return Array.isArray(result) ? { rows: result.flatMap(({ rows }) => rows ?? []) } : result;
      },
    },
  });
  const transaction = async (inside) => {
    const client = await pool.connect();
    await client.query("BEGIN");
    await inside(over(client));
    await client.query("COMMIT");
    client.release();
  };
  return { ...over(pool), backend: "postgres", transaction, close: () => pool.end() };
}
