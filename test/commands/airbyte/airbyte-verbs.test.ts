import { chmodSync, readFileSync } from "node:fs";
import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { packageRoot } from "../../../connector/package-root.ts";
import type { InterceptedRequest } from "../../../connector/sandbox/pipedrive/app.ts";
import { inTestLong, itLong } from "../../long.ts";
import { courseOf, errorsOf, type Message, outlineOf } from "../../protocol/airbyte-messages.ts";
import { type AirbytePlace, airbytePlace } from "../../protocol/airbyte-place.ts";

describe("the Airbyte verbs answer with messages whatever happens", () => {
  let airbyte: AirbytePlace;
  let answer: ((request: InterceptedRequest) => Response | "reset" | undefined) | undefined;
  before(async () => {
    airbyte = await airbytePlace({ intercept: (request) => answer?.(request) });
    airbyte.configure("incremental");
  });
  afterEach(() => {
    answer = undefined;
  });
  after(() => airbyte.close());

  const withConfig = (verb: string, config: unknown) => {
    airbyte.place.write("other.json", typeof config === "string" ? config : JSON.stringify(config));
    const files = verb === "read" ? ["--catalog", "catalog.json"] : [];
    return airbyte.verb([verb, ...files, "--config", "other.json"]);
  };
  const connection = (messages: readonly Message[]) => messages[0]!["connectionStatus"] as JsonObject;
  const html = () => new Response("<html>sorry</html>", { status: 503, headers: { "content-type": "text/html" } });

  it("spec prints spec.json, with no config", async () => {
    const { status, messages, stderr } = await airbyte.verb(["spec"]);
    expect(status).to.equal(0);
    expect(stderr).to.equal("");
    expect(messages).to.deep.equal([
      { type: "SPEC", spec: JSON.parse(readFileSync(`${packageRoot}spec.json`, "utf8")) as JsonObject },
    ]);
  });

  it("check says SUCCEEDED", async () => {
    const { status, messages } = await airbyte.verb(["check"]);
    expect(status).to.equal(0);
    expect(messages).to.deep.equal([{ type: "CONNECTION_STATUS", connectionStatus: { status: "SUCCEEDED" } }]);
  });

  it("check says FAILED, with exit 0, for a token that is refused, and never shows it", async () => {
    const { status, messages, stdout, stderr } = await withConfig("check", {
      company_url: airbyte.sandbox.url,
      api_token: "not-the-token-1234",
    });
    expect(status).to.equal(0);
    expect(outlineOf(messages)).to.deep.equal(["CONNECTION_STATUS"]);
    expect(connection(messages)["status"]).to.equal("FAILED");
    expect(connection(messages)["message"]).to.match(
      /^Pipedrive refused the API token \(401.*\)\.\nCopy it from Pipedrive/,
    );
    expect(stdout + stderr).not.to.contain("not-the-token-1234");
  });

  it("check says FAILED for a config that the spec does not allow, with each place", async () => {
    const { status, messages } = await withConfig("check", '{"company_url": "acme", "api_tokn": "abcd1234"}');
    expect(status).to.equal(0);
    expect(connection(messages)["status"]).to.equal("FAILED");
    expect(connection(messages)["message"])
      .to.contain("other.json:1:25: error: Unknown key `api_tokn`.")
      .and.contain("Did you mean `api_token`?");
  });

  itLong("check says FAILED for a company URL that names no account, and for a mapping that is wrong", async () => {
    const url = await withConfig("check", { company_url: "my company", api_token: "abcd1234" });
    expect([url.status, connection(url.messages)["status"]]).to.deep.equal([0, "FAILED"]);
    const mapping = await withConfig("check", {
      company_url: airbyte.sandbox.url,
      api_token: airbyte.sandbox.token,
      mappings: "./nowhere",
    });
    expect([mapping.status, connection(mapping.messages)["status"]]).to.deep.equal([0, "FAILED"]);
    expect(connection(mapping.messages)["message"]).to.contain("nowhere does not exist");
  });

  it("check has no answer without a connection: TRACE ERROR, exit 1", async () => {
    const { status, messages } = await withConfig("check", {
      company_url: "http://127.0.0.1:9",
      api_token: "abcd1234",
    });
    expect(status).to.equal(1);
    expect(outlineOf(messages)).to.deep.equal(["ERROR transient_error"]);
    expect(errorsOf(messages)[0]!.message).to.match(/^No connection to Pipedrive at http:\/\/127\.0\.0\.1:9: /);
  });

  for (const verb of inTestLong ? ["check", "discover", "read"] : ["read"]) {
    it(`${verb} without a config file, or with one that is no JSON, is a config error`, async () => {
      const files = verb === "read" ? ["--catalog", "catalog.json"] : [];
      const missing = await airbyte.verb([verb, ...files, "--config", "missing.json"]);
      expect(missing.status).to.equal(1);
      expect(outlineOf(missing.messages)).to.deep.equal(["ERROR config_error"]);
      expect(errorsOf(missing.messages)[0]!.message).to.match(/^The config file missing\.json does not exist\./);
      const broken = await withConfig(verb, '{"company_url": ');
      expect(broken.status).to.equal(1);
      expect(outlineOf(broken.messages)).to.deep.equal(["ERROR config_error"]);
    });

    it(`${verb} under a daily limit is a transient error`, async () => {
      answer = () =>
        new Response('{"success":false,"error":"daily limit"}', { status: 429, headers: { "retry-after": "40000" } });
      const files = verb === "read" ? ["--catalog", "catalog.json"] : [];
      const { status, messages } = await airbyte.verb([verb, ...files]);
      expect(status).to.equal(1);
      expect(outlineOf(messages)).to.deep.equal(["ERROR transient_error"]);
    });
  }

  for (const verb of inTestLong ? ["discover", "read"] : ["read"]) {
    it(`${verb} with a refused token is a config error, with nothing of a catalog or a record`, async () => {
      const { status, messages, stdout, stderr } = await withConfig(verb, {
        company_url: airbyte.sandbox.url,
        api_token: "not-the-token-1234",
      });
      expect(status).to.equal(1);
      expect(outlineOf(messages)).to.deep.equal(["ERROR config_error"]);
      expect(stdout + stderr).not.to.contain("not-the-token-1234");
    });
  }

  itLong("a web page in place of an answer is told in one sentence", async () => {
    answer = ({ path }) => (path === "/v1/users/me" ? new Response("<html>hello</html>") : undefined);
    const { status, messages } = await airbyte.verb(["discover"]);
    expect(status).to.equal(1);
    expect(errorsOf(messages)[0]).to.include({
      failure_type: "config_error",
      message:
        "GET /v1/users/me was answered with a web page instead of JSON (200). Check company_url: write the address that the browser shows while you are signed in to Pipedrive.",
    });
  });

  it("an answer of an unknown shape is a system error: trying again does not help", async () => {
    answer = ({ path }) => (path === "/api/v2/stages" ? Response.json({ success: true, data: 5 }) : undefined);
    const { status, messages } = await airbyte.verb(["discover"]);
    expect(status).to.equal(1);
    expect(outlineOf(messages)).to.deep.equal(["ERROR system_error"]);
  });

  itLong("servers and connections that break now and then are tried again, and heard on stderr only", async () => {
    const broken = new Set<string>();
    answer = ({ path }) => {
      if (broken.has(path)) return undefined;
      broken.add(path);
      return path === "/api/v2/stages" ? html() : path === "/api/v2/pipelines" ? "reset" : undefined;
    };
    const { status, messages, stderr } = await airbyte.verb(["discover"]);
    expect(status).to.equal(0);
    expect(outlineOf(messages)).to.deep.equal(["CATALOG"]);
    expect(stderr).to.contain("answered 503");
  });

  it("read without a catalog, and a verb that does not exist, are told on stderr only", async () => {
    const read = await airbyte.verb(["read"]);
    expect([read.status, read.stdout]).to.deep.equal([2, ""]);
    expect(read.stderr).to.contain("required option '--catalog <file>' not specified");
    const unknown = await airbyte.verb(["discovr"]);
    expect([unknown.status, unknown.stdout]).to.deep.equal([2, ""]);
    expect(unknown.stderr).to.contain("Did you mean discover?");
  });

  it("a catalog that is missing, broken or not configured is a config error", async () => {
    const wrong: [catalog: string | undefined, message: RegExp][] = [
      [undefined, /^The catalog file wrong\.json does not exist\./],
      ["{", /^The catalog file wrong\.json is not JSON: /],
      ["[]", /it has no list `streams`/],
      ['{"streams": [{"name": "deals"}]}', /^The catalog's stream number 1 has no name/],
      [
        '{"streams": [{"stream": {"name": "deals"}, "sync_mode": "INVALID"}]}',
        /stream deals has the sync_mode "INVALID"/,
      ],
      [
        '{"streams": [{"stream": {"name": "deals"}, "sync_mode": "incremental"}, {"stream": {"name": "deals"}, "sync_mode": "incremental"}]}',
        /^The catalog has the stream deals twice\./,
      ],
    ];
    for (const [catalog, message] of wrong) {
      if (catalog !== undefined) airbyte.place.write("wrong.json", catalog);
      const { status, messages } = await airbyte.verb(["read", "--catalog", "wrong.json"]);
      expect(status, catalog).to.equal(1);
      expect(outlineOf(messages)).to.deep.equal(["ERROR config_error"]);
      expect(errorsOf(messages)[0]!.message).to.match(message);
    }
  });

  it("OAuth2 credentials sign in, and a refresh token that was replaced is told as CONTROL before anything else", async () => {
    const config = {
      company_url: airbyte.sandbox.url,
      credentials: {
        auth_type: "oauth2",
        client_id: "client-1",
        client_secret: "secret-1",
        refresh_token: "old-token-1",
      },
    };
    answer = ({ path, method }) =>
      path === "/oauth/token" && method === "POST"
        ? Response.json({ access_token: airbyte.sandbox.token, refresh_token: "new-token-2", expires_in: 3600 })
        : undefined;
    for (const verb of ["check", "discover", "read"]) {
      const { status, messages, stderr } = await withConfig(verb, config);
      expect(status, stderr).to.equal(0);
      const { control } = messages[0]! as unknown as { control: { connectorConfig: { config: JsonObject } } };
      expect(control.connectorConfig.config).to.deep.equal({
        ...config,
        credentials: { ...config.credentials, refresh_token: "new-token-2" },
      });
      expect(courseOf(messages).filter((word) => word === "CONTROL")).to.have.length(1);
      expect(JSON.stringify(messages.slice(1)) + stderr).not.to.match(/old-token-1|new-token-2|secret-1/);
    }
  });

  it("OAuth2 credentials that are refused are FAILED in check and a config error in read", async () => {
    const config = {
      company_url: airbyte.sandbox.url,
      credentials: {
        auth_type: "oauth2",
        client_id: "client-1",
        client_secret: "secret-1",
        refresh_token: "old-token-1",
      },
    };
    answer = ({ path }) =>
      path === "/oauth/token" ? Response.json({ error: "invalid_grant" }, { status: 400 }) : undefined;
    const checked = await withConfig("check", config);
    expect([checked.status, connection(checked.messages)["status"]]).to.deep.equal([0, "FAILED"]);
    const read = await withConfig("read", config);
    expect(outlineOf(read.messages)).to.deep.equal(["ERROR config_error"]);
    expect(errorsOf(read.messages)[0]!.message).to.match(
      /^Pipedrive did not accept the OAuth2 credentials \(400: invalid_grant\)\./,
    );
  });

  itLong("the API token may stand among the credentials, as Airbyte's form puts it", async () => {
    const { status, messages } = await withConfig("check", {
      company_url: airbyte.sandbox.url,
      credentials: { auth_type: "api_token", api_token: airbyte.sandbox.token },
    });
    expect(status).to.equal(0);
    expect(connection(messages)["status"]).to.equal("SUCCEEDED");
  });

  itLong("credentials of an unknown kind are told with the kinds there are", async () => {
    const { messages } = await withConfig("check", { company_url: "acme", credentials: { auth_type: "basic" } });
    expect(connection(messages)["message"]).to.contain("`credentials.auth_type` must be `oauth2` or `api_token`.");
    const without = await withConfig("check", { company_url: "acme", credentials: { client_id: "x" } });
    expect(connection(without.messages)["message"]).to.contain("`credentials` lacks `auth_type`.");
  });

  it("a config that may not be read is no answer but an error", async () => {
    if (process.getuid?.() === 0) {
      // The superuser may read every file, so a folder replaces the file.
      const { status, messages } = await airbyte.verb(["check", "--config", "."]);
      expect([status, outlineOf(messages)]).to.deep.equal([1, ["ERROR config_error"]]);
      return;
    }
    airbyte.place.write("secret.json", "{}");
    chmodSync(`${airbyte.place.folder}/secret.json`, 0);
    const { status, messages } = await airbyte.verb(["check", "--config", "secret.json"]);
    expect([status, outlineOf(messages)]).to.deep.equal([1, ["ERROR config_error"]]);
  });
});
