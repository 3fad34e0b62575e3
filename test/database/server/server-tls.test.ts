import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { packageRoot } from "../../../connector/package-root.ts";
import { startServer, type TestServer } from "../../postgres-server.ts";
import { makeWorkplace, runBin, type Workplace } from "../../run-bin.ts";

const files = `${packageRoot}test/fixtures/tls/`;

describe("a database server with TLS and a Unix socket", () => {
  let server: TestServer;
  let place: Workplace;
  let password: string;
  before(async function () {
    this.timeout(240_000);
    server = await startServer(
      {
        ssl: "on",
        ssl_cert_file: "server.pem",
        ssl_key_file: "server.key",
        ssl_ca_file: "authority.pem",
        unix_socket_directories: "..",
      },
      (data) => {
        for (const name of ["server.pem", "server.key", "authority.pem"]) copyFileSync(files + name, join(data, name));
        // Postgres rejects a key file that other users may read, as in a checkout.
        chmodSync(join(data, "server.key"), 0o600);
      },
    );
    password = new URL(server.url).password;
    place = makeWorkplace();
    mkdirSync(join(place.folder, "tls"));
    for (const name of ["authority.pem", "client.pem", "client.key", "server.pem"]) {
      copyFileSync(files + name, join(place.folder, "tls", name));
      chmodSync(join(place.folder, "tls", name), 0o600);
    }
  });
  after(async () => {
    place.remove();
    await server.stop();
  });

  const url = (query: string, host = "localhost") =>
    `postgres://tester:${password}@${host}:${server.port}/postgres${query}`;

  /** Runs `status` with this URL; returns its exit status and stderr. */
  async function statusWith(database: string, env: Record<string, string> = {}): Promise<[number | null, string]> {
    place.write("config.yaml", `company_url: acme\napi_token: abcd1234\ndatabase: ${database}\n`);
    const { status, stderr } = await runBin(place.folder, ["status"], { env });
    return [status, stderr];
  }

  it("is not reached with a misspelt parameter: exit 2 with its place", async () => {
    const [status, stderr] = await statusWith(url("?sslMode=require"));
    expect(status).to.equal(2);
    expect(stderr).to.contain("config.yaml:3:11: error: The database URL has an unknown parameter `sslMode`.");
    expect(stderr).to.contain("Did you mean `sslmode`?");
    expect((await statusWith(url("?tls=true")))[0]).to.equal(2);
    expect(await statusWith(url(""), { PGSSLMODE: "prefer" })).to.have.property("0", 2);
  });

  it("is trusted by sslrootcert, a path that counts from the config, without a warning", async () => {
    for (const mode of ["verify-full", "verify-ca", "require"]) {
      expect(await statusWith(url(`?sslmode=${mode}&sslrootcert=tls/authority.pem`)), mode).to.deep.equal([0, ""]);
    }
    expect(
      await statusWith(url("?sslrootcert=system"), { SSL_CERT_FILE: join(place.folder, "tls/authority.pem") }),
    ).to.deep.equal([0, ""]);
    const database = await openDatabase(url(`?sslmode=verify-full&sslrootcert=${files}authority.pem`));
    expect(await database.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()")).to.deep.equal([
      { ssl: true },
    ]);
    await database.close();
  });

  it("whose certificate is not trusted, or for another name: the hints lead to a connection", async () => {
    const [status, untrusted] = await statusWith(url("?sslmode=verify-full"));
    expect(status).to.equal(3);
    expect(untrusted).to.contain(`The certificate of the database server localhost:${server.port} is not trusted (`);
    expect(untrusted).to.contain("sslrootcert=<file>").and.not.to.contain("no-verify");
    const [, otherName] = await statusWith(url("?sslmode=verify-full&sslrootcert=tls/authority.pem", "127.0.0.1"));
    expect(otherName).to.contain(
      `The certificate of the database server 127.0.0.1:${server.port} is for another name (`,
    );
    expect(otherName).to.contain("sslmode=verify-ca");
    expect(await statusWith(url("?sslmode=verify-ca&sslrootcert=tls/authority.pem", "127.0.0.1"))).to.deep.equal([
      0,
      "",
    ]);
  });

  it("is not asked where a file is missing or holds something else: exit 2 with the file", async () => {
    const cases: [string, string][] = [
      [
        "sslrootcert=tls/none.pem",
        `The file ${place.folder}/tls/none.pem, named by sslrootcert in the database URL, does not exist.`,
      ],
      [
        "sslrootcert=tls/client.key",
        `The file ${place.folder}/tls/client.key, named by sslrootcert in the database URL, holds no certificate (PEM).`,
      ],
      ["sslcert=tls/client.pem", "The database URL has `sslcert` without `sslkey`."],
      [
        "sslcert=tls/client.pem&sslkey=tls/client.pem",
        `The file ${place.folder}/tls/client.pem, named by sslkey in the database URL, holds no private key (PEM).`,
      ],
      [
        "sslcert=tls/server.pem&sslkey=tls/client.key",
        `The private key ${place.folder}/tls/client.key (sslkey) is not that of the certificate ${place.folder}/tls/server.pem (sslcert).`,
      ],
    ];
    for (const [query, message] of cases) {
      const [status, stderr] = await statusWith(url(`?${query}`));
      expect(stderr, query).to.contain(message);
      expect(status, query).to.equal(2);
    }
  });

  it("that wants a certificate of ours gets it", async () => {
    const database = await openDatabase(
      url(
        `?sslmode=verify-full&sslrootcert=${files}authority.pem&sslcert=${files}client.pem&sslkey=${files}client.key`,
      ),
    );
    const [row] = await database.query("select client_dn from pg_stat_ssl where pid = pg_backend_pid()");
    expect(row).to.deep.equal({ client_dn: "/CN=tester" });
    await database.close();
  });

  it("is reached by its Unix socket, written as libpq takes it", async () => {
    const folder = encodeURIComponent(server.folder);
    const forms = [
      `postgres://tester:${password}@/postgres?host=${server.folder}&port=${server.port}`,
      `postgresql:///postgres?host=${folder}&port=${server.port}&user=tester&password=${password}`,
      `postgresql://tester:${password}@${folder}:${server.port}/postgres`,
    ];
    for (const form of forms) expect(await statusWith(form), form).to.deep.equal([0, ""]);
    const [status, stderr] = await statusWith(`postgres://tester:${password}@/postgres?host=/no/such/folder`);
    expect(status).to.equal(3);
    expect(stderr).to.contain(
      "No database server can be reached by the Unix socket /no/such/folder/.s.PGSQL.5432 (ENOENT).",
    );
  });

  it("takes the password of ~/.pgpass, without a warning", async () => {
    place.write(".pgpass", `# hub\n*:1:*:*:no\nlocalhost:${server.port}:postgres:tester:${password}\n`);
    expect(await statusWith(`postgres://tester@localhost:${server.port}/postgres`)).to.deep.equal([0, ""]);
  });

  it("on another machine without sslmode is told once, at the start", async () => {
    const notices = async (query: string) => {
      place.write(
        "config.yaml",
        `company_url: http://127.0.0.1:9\napi_token: abcd1234\ndatabase: postgres://u@db.acme.invalid/d${query}\n`,
      );
      const { stderr } = await runBin(place.folder, ["sync"]);
      return stderr.split("in plain text").length - 1;
    };
    expect(await notices("")).to.equal(1);
    expect(await notices("?sslmode=disable")).to.equal(0);
    expect(await notices("?sslmode=verify-full")).to.equal(0);
  });
});
