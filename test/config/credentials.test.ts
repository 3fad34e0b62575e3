import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { loadConfig } from "../../connector/config/load-config.ts";
import { caughtFailure } from "../caught-failure.ts";

describe("the credentials of the config", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "config-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const load = (text: string, environment: Record<string, string> = {}) => {
    const file = join(folder, "config.yaml");
    writeFileSync(file, text, { mode: 0o600 });
    return loadConfig(file, environment);
  };
  const messageOf = async (text: string) =>
    (await caughtFailure(load(text))).message.replaceAll(`${folder}/`, "").split("\n\n");

  it("may be OAuth2's, and each of them is a secret", async () => {
    const { config, secrets } = await load(
      "company_url: acme\ncredentials: {auth_type: oauth2, client_id: client-1, client_secret: secret-1, refresh_token: token-1}\n",
    );
    expect(config.credentials).to.deep.equal({
      auth_type: "oauth2",
      client_id: "client-1",
      client_secret: "secret-1",
      refresh_token: "token-1",
    });
    expect(config).not.to.have.property("api_token");
    expect(secrets).to.have.members(["client-1", "secret-1", "token-1"]);
  });

  it("may hold the API token, as Airbyte's form writes it, and it is used and secret as at the top", async () => {
    const { config, secrets } = await load(
      "company_url: acme\ncredentials: {auth_type: api_token, api_token: abcd1234}\n",
    );
    expect(config.api_token).to.equal("abcd1234");
    expect(config).not.to.have.property("credentials");
    expect(secrets).to.deep.equal(["abcd1234"]);
  });

  it("are kept as they were written, so that a variable stays one in what is given back", async () => {
    const { config, written } = await load("company_url: acme\napi_token: ${TOKEN}\n", { TOKEN: "abcd1234" });
    expect(config.api_token).to.equal("abcd1234");
    expect(written).to.deep.equal({ company_url: "acme", api_token: "${TOKEN}" });
  });

  it("of OAuth2 that lack something are told by what they lack, with their line", async () => {
    expect(
      await messageOf("company_url: acme\ncredentials:\n  auth_type: oauth2\n  client_id: a\n  refresh_tokn: b\n"),
    ).to.deep.equal([
      "The config has 3 problems.",
      "config.yaml:3:3: error: `credentials` lacks `client_secret`.\n  3 |   auth_type: oauth2\n        ^",
      "config.yaml:3:3: error: `credentials` lacks `refresh_token`.\n  3 |   auth_type: oauth2\n        ^",
      "config.yaml:5:3: error: Unknown key `refresh_tokn`.\n  5 |   refresh_tokn: *\n        ^\n  Did you mean `refresh_token`?",
    ]);
  });

  it("of no kind, or an unknown one, are told by the kinds there are", async () => {
    expect(await messageOf("company_url: acme\ncredentials: {client_id: a}\n")).to.deep.equal([
      "The config has 1 problem.",
      "config.yaml:2:14: error: `credentials` lacks `auth_type`.\n  2 | credentials: {client_id: *}\n                   ^",
    ]);
    expect(await messageOf("company_url: acme\ncredentials: {auth_type: basic}\n")).to.deep.equal([
      "The config has 1 problem.",
      "config.yaml:2:26: error: `credentials.auth_type` must be `oauth2` or `api_token`.\n  2 | credentials: {auth_type: basic}\n                               ^",
    ]);
    expect(await messageOf("company_url: acme\ncredentials: abcd1234\n")).to.deep.equal([
      "The config has 1 problem.",
      "config.yaml:2:14: error: `credentials` must be `key: value` lines.\n  2 | credentials: ********\n                   ^",
    ]);
  });

  it("and an API token besides are one too many", async () => {
    const [, problem] = await messageOf(
      "company_url: acme\napi_token: a\ncredentials: {auth_type: api_token, api_token: b}\n",
    );
    expect(problem).to.contain("Give either `api_token` or `credentials`, not both.");
  });
});
