import * as assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { GroundworkError } from "../../config/groundworkError";
import { readServiceFile, type ServiceSettings } from "../../service/settings/serviceFile";

describe("the database in the service's file", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    writeFileSync(join(directory, "Pulumi.dev.yaml"), "config: {}\n");
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /** The settings with that URL in a file for nobody else. */
  const read = (url: string | undefined, environment = {}, mode = 0o600): ServiceSettings => {
    const file = join(directory, "service.yaml");
    const database = url === undefined ? "" : "database: { urlFile: url }\n";
    if (url !== undefined) {
      writeFileSync(join(directory, "url"), `${url}\n`);
      chmodSync(join(directory, "url"), mode);
    }
    writeFileSync(file, `directory: state\n${database}stacks: { dev: { project: ., backendUrl: 'file:///x' } }\n`);
    return readServiceFile(file, environment);
  };
  const problemsOf = (...args: Parameters<typeof read>): string[] => {
    try {
      read(...args);
    } catch (error) {
      assert.ok(GroundworkError.isInstance(error));
      assert.ok(!error.message.includes("p4ss"));
      return error.message
        .split("\n")
        .slice(1)
        .map((line) => line.trim().replaceAll(directory, "DIR"));
    }
    return [];
  };

  it("is a URL out of a file, which prints nowhere, or one without a password out of DATABASE_URL", () => {
    const { database } = read("postgresql://gw:p4ss@127.0.0.1/groundwork");
    assert.equal(database?.goneSeconds, 60);
    assert.equal(database.url.reveal(), "postgresql://gw:p4ss@127.0.0.1/groundwork?uselibpqcompat=true");
    assert.ok(!inspect(database, { depth: 9 }).includes("p4ss"));
    assert.equal(read(undefined).database, undefined);
    const environment = { DATABASE_URL: "postgres:///groundwork?host=/run/postgresql" };
    assert.match(read(undefined, environment).database?.url.reveal() ?? "", /^postgres:\/\/\/groundwork\?/);
  });

  it("is refused where others may read it, or get it in plain text", () => {
    assert.deepEqual(problemsOf("postgresql://gw:p4ss@localhost/groundwork", {}, 0o644), [
      "database.urlFile: names DIR/url, which everybody on this machine may read; chmod 600 DIR/url",
    ]);
    assert.deepEqual(problemsOf("postgresql://gw:p4ss@db.example.org/groundwork"), [
      "database.urlFile: says nothing of TLS, and 'db.example.org' is another machine; add sslmode=verify-full (and sslrootcert=FILE), or sslmode=disable where the network is trusted",
    ]);
    assert.deepEqual(problemsOf("postgresql://gw:p4ss@db.example.org/groundwork?sslmode=verify-full"), []);
    assert.deepEqual(problemsOf(undefined, { DATABASE_URL: "postgresql://gw:p4ss@localhost/groundwork" }), [
      "DATABASE_URL: has a password, and a process's environment is no place for one; write the URL into a file (chmod 600) and name it in database.urlFile",
    ]);
  });

  it("says what is wrong with the URL, without it", () => {
    assert.deepEqual(problemsOf("postgresql://gw:p4ss@localhost/groundwork", { DATABASE_URL: "postgres:///x" }), [
      "database.urlFile: is given besides DATABASE_URL; give one of them",
    ]);
    for (const text of ["", "p4ss", "mysql://gw:p4ss@localhost/groundwork"]) {
      assert.deepEqual(problemsOf(text), [
        "database.urlFile: has no URL of a PostgreSQL; write postgresql://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full",
      ]);
    }
    assert.deepEqual(problemsOf("postgresql://gw:p4ss@db.example.org?sslmode=prefer&sslrootcert=/none"), [
      "database.urlFile: names no database; write postgresql://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full",
      "database.urlFile: has sslmode=prefer; write one of disable, require, verify-ca, verify-full",
      "database.urlFile: has sslrootcert=/none, which is not there; write it, or mount it",
    ]);
    assert.deepEqual(problemsOf("postgresql://gw:p4ss@db.example.org/groundwork?sslmode=verify-ca"), [
      "database.urlFile: has sslmode=verify-ca and no sslrootcert; add sslrootcert=FILE",
    ]);
  });
});
