import { expect } from "chai";
import {
  isServerUrl,
  readServerUrl,
  type ServerUrl,
  urlSecrets,
  withAbsoluteFiles,
} from "../../../connector/server-url.ts";

describe("the URL of a database server", () => {
  const parts = (text: string) => {
    const read = readServerUrl(text);
    if (!isServerUrl(read)) return read;
    const { host, port, user, password, database } = read;
    return [host, port, user, password, database];
  };

  it("is taken in every form that libpq takes", () => {
    const socket = "/var/run/postgresql";
    const forms: [string, string[]][] = [
      ["postgres://u:p%40ss@db.acme.example:5433/hub", ["db.acme.example", "5433", "u", "p@ss", "hub"]],
      ["postgresql://db/hub", ["db", "", "", "", "hub"]],
      ["postgres://u@[::1]:5433/hub", ["::1", "5433", "u", "", "hub"]],
      ["postgres:///hub?host=/var/run/postgresql", [socket, "", "", "", "hub"]],
      ["postgres://u@/hub?host=/var/run/postgresql&port=5433", [socket, "5433", "u", "", "hub"]],
      ["postgresql://u:p@%2Fvar%2Frun%2Fpostgresql:5433/hub", [socket, "5433", "u", "p", "hub"]],
      ["postgresql://%2Fvar%2Frun%2Fpostgresql/hub", [socket, "", "", "", "hub"]],
      ["postgresql://?host=/tmp&user=u&password=p&dbname=hub", ["/tmp", "", "u", "p", "hub"]],
      ["POSTGRES://u:a@b@db/hub", ["db", "", "u", "a@b", "hub"]],
    ];
    for (const [text, expected] of forms) expect(parts(text), text).to.deep.equal(expected);
  });

  it("is shown without its passwords", () => {
    const shown = (text: string) => (readServerUrl(text) as ServerUrl).shown;
    expect(shown("postgresql://u:p%40@h/d?password=x&sslmode=require")).to.equal("postgresql://u@h/d?sslmode=require");
    expect(shown("postgres://u:p@h:1/d?sslpassword=x")).to.equal("postgres://u@h:1/d");
    expect(urlSecrets("postgres://u:p%40@h/d?password=x%20y&sslpassword=z")).to.have.members([
      "p%40",
      "p@",
      "x%20y",
      "x y",
      "z",
    ]);
  });

  it("with a parameter that nobody heeds is a problem, and the nearest is named", () => {
    const problems = (query: string) => {
      const read = readServerUrl(`postgres://u:p@db/hub?${query}`);
      return isServerUrl(read) ? [] : [read.message, read.hint];
    };
    const unknown = (name: string) => `The database URL has an unknown parameter \`${name}\`.`;
    expect(problems("sslMode=require")).to.deep.equal([unknown("sslMode"), "Did you mean `sslmode`?"]);
    expect(problems("tls=true")).to.deep.equal([unknown("tls"), "Did you mean `sslmode`?"]);
    expect(problems("sslmode=require&sslrotcert=ca.pem")).to.deep.equal([
      unknown("sslrotcert"),
      "Did you mean `sslrootcert`?",
    ]);
    expect(problems("__proto__=1")[0]).to.equal(unknown("__proto__"));
    expect(problems("sslmode=verify_full")[1]).to.equal("Did you mean `verify-full`?");
    expect(problems("sslmode=prefer")[0]).to.equal(
      "sslmode in the database URL is `prefer`, which lets anyone on the way force plain text.",
    );
    expect(problems("ssl=require")).to.deep.equal([
      "The parameter `ssl` of the database URL has an invalid value.",
      "Write sslmode=verify-full instead, or sslmode=disable.",
    ]);
    expect(problems("connect_timeout=soon")).to.have.length(2);
    expect(
      problems("sslmode=verify-full&application_name=hub&connect_timeout=5&channel_binding=require"),
    ).to.deep.equal([]);
    expect(parts("postgres://one,two/hub")).to.have.property("message", "The database URL names several servers.");
  });

  it("that cannot be read is not repeated: a password may be why", () => {
    for (const text of [
      "postgres://u%ZZ:secret@h/d",
      "postgres://u:a/b@h/d",
      "postgres://u:1#b@h/d",
      "postgres://u:1?b@h/d",
    ]) {
      expect(parts(text), text).to.have.property("message", "The database URL cannot be read.");
    }
  });

  it("counts its files from a folder", () => {
    const absolute = (file: string) => `/etc/hub/${file}`;
    expect(withAbsoluteFiles("postgres://db/hub?sslrootcert=my%20ca.pem&sslmode=verify-full", absolute)).to.equal(
      "postgres://db/hub?sslrootcert=%2Fetc%2Fhub%2Fmy%20ca.pem&sslmode=verify-full",
    );
    expect(withAbsoluteFiles("postgres://db/hub?sslrootcert=system", absolute)).to.contain("sslrootcert=system");
  });
});
