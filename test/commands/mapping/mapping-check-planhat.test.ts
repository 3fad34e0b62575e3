import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { itLong } from "../../long.ts";
import { emptyAccount, type SandboxSync, sandboxSync } from "../../sandbox-sync.ts";

const token = "planhat-token-never-shown";

interface Definition {
  name: string;
  parent: string;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const organizations = (...customFields: string[]) =>
  [
    "stream: organizations",
    "model: company",
    "fields:",
    "  - {planhat: name, pipedrive: name}",
    ...customFields.map((name) => `  - {planhat: custom.${name}, pipedrive: Tier}`),
    "",
  ].join("\n");

/** Returns a list of definitions in Planhat's pages. */
const listing =
  (definitions: readonly Definition[], largestPage = 2000): Answer =>
  (request, response) => {
    const { searchParams } = new URL(request.url!, "http://localhost");
    const offset = Number(searchParams.get("offset"));
    const limit = Math.min(Number(searchParams.get("limit")), largestPage);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(definitions.slice(offset, offset + limit)));
  };

describe("mapping check, with Planhat's API configured", () => {
  let setting: SandboxSync;
  let server: Server;
  let address: string;
  let answer: Answer;
  let requests: { path: string; authorization: string | undefined }[];

  before(async () => {
    setting = await sandboxSync("server", emptyAccount);
    server = createServer((request, response) => {
      requests.push({ path: request.url!, authorization: request.headers.authorization });
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    setting.configure(`planhat: {api_token: ${token}, api_url: "http://${address}/"}\n`);
  });
  beforeEach(() => {
    requests = [];
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await setting.close();
  });

  const check = async (files: Record<string, string>, ...options: string[]) => {
    setting.map({
      "persons.yaml": "stream: persons\ndirection: none\n",
      "notes.yaml": "stream: notes\ndirection: none\n",
    });
    setting.map(files);
    const { status, stdout, stderr } = await setting.run(["mapping", "check", ...options]);
    expect(stdout + stderr, "the token is shown nowhere").not.to.contain(token);
    return { status, stdout, stderr };
  };

  it("refuses a custom field that Planhat does not have, at its place, with the nearest name", async () => {
    answer = listing([
      { name: "Industry", parent: "Company" },
      { name: "Tier", parent: "companies" },
    ]);
    const { status, stdout } = await check({ "organizations.yaml": organizations("Tier", "Indutsry", "industry") });
    expect(status).to.equal(2);
    expect(
      stdout,
    ).to.contain(`mappings/organizations.yaml:6:15: error: Planhat's company has no custom field \`Indutsry\`; Planhat accepts values for it, and shows them nowhere.
  6 |   - {planhat: custom.Indutsry, pipedrive: Tier}
                    ^
  Did you mean \`custom.Industry\`? Capitals and emoji count.
`);
    expect(stdout).to.contain("organizations.yaml:7:15: error: Planhat's company has no custom field `industry`;");
    expect(stdout).to.contain("The mapping has 2 errors and no warnings.");
    expect(stdout).not.to.contain("Not checked against Planhat");
    expect(requests[0]).to.deep.equal({
      path: "/customfields?limit=2000&offset=0",
      authorization: `Bearer ${token}`,
    });
  });

  it("says how to go on where no name is near", async () => {
    answer = listing([]);
    const { stdout } = await check({ "organizations.yaml": organizations("Tier") }, "--json");
    expect(JSON.parse(stdout).problems).to.deep.equal([
      {
        severity: "error",
        file: "mappings/organizations.yaml",
        line: 5,
        column: 15,
        message: "Planhat's company has no custom field `Tier`; Planhat accepts values for it, and shows them nowhere.",
        hint: "Make the custom field in Planhat, spelled as here; it has none for company yet.",
      },
    ]);
  });

  it("knows each model's fields apart, however Planhat spells the model, a conversation being a note", async () => {
    answer = listing([
      { name: "Role", parent: "EndUsers" },
      { name: "Topic", parent: "conversation" },
      { name: "Tier", parent: "project" },
    ]);
    const { stdout } = await check(
      {
        "organizations.yaml": organizations("Tier"),
        "persons.yaml":
          "stream: persons\nmodel: enduser\nfields:\n  - {planhat: email, pipedrive: emails.primary}\n  - {planhat: custom.Role, pipedrive: job_title}\n",
        "notes.yaml": "stream: notes\nmodel: note\nfields:\n  - {planhat: custom.Topic, pipedrive: content}\n",
      },
      "--json",
    );
    const messages = (JSON.parse(stdout).problems as { message: string }[]).map(({ message }) => message);
    expect(messages).to.deep.equal([
      "Planhat's company has no custom field `Tier`; Planhat accepts values for it, and shows them nowhere.",
    ]);
  });

  itLong("reads every page, also where a page is shorter than asked for", async () => {
    answer = listing(
      Array.from({ length: 250 }, (_, index) => ({ name: `Field ${index}`, parent: "Company" })),
      100,
    );
    const { stdout } = await check({ "organizations.yaml": organizations("Field 0", "Field 249") });
    expect(stdout).to.contain("no errors and no warnings");
    expect(requests.map(({ path }) => path.replace(/.*offset=/, ""))).to.deep.equal(["0", "100", "200", "250"]);
  });

  it("gives up when the same page comes again and again", async () => {
    answer = (_, response) => response.end(JSON.stringify([{ name: "Tier", parent: "Company" }]));
    const { stdout } = await check({ "organizations.yaml": organizations("Tier") });
    expect(stdout).to.match(/Not checked against Planhat: Planhat's list of custom fields .* brought nothing new\./);
    expect(requests).to.have.length(4);
  });

  it("asks nothing when no custom field is mapped", async () => {
    answer = listing([]);
    expect((await check({ "organizations.yaml": organizations() })).stdout).to.contain("no warnings");
    expect(requests).to.deep.equal([]);
  });

  describe("when Planhat cannot be asked, says why and exits by what could be checked", () => {
    const api = "`planhat.api_url` must be the API's address, such as https://api.planhat.com.";
    const html = { "content-type": "text/html; charset=utf-8" };
    // Each answer repeats the token, as a careless server might.
    const cases: [string, number, Record<string, string>, string, (host: string) => string][] = [
      [
        "a token that is not accepted",
        401,
        {},
        `bad token ${token}`,
        (host) =>
          `Planhat (${host}) does not accept \`planhat.api_token\` (401). Make a new one in Planhat's settings, for a private app or service account.`,
      ],
      [
        "a token without the right",
        403,
        {},
        `{"token":"${token}"}`,
        (host) =>
          `Planhat (${host}) does not let this token read custom fields (403). Give its private app or service account the right to read custom fields.`,
      ],
      [
        "a page that is refused",
        403,
        html,
        "<html>",
        (host) => `${host} answered with a web page instead of data (403). ${api}`,
      ],
      [
        "an address without the list",
        404,
        html,
        "<html>",
        (host) => `${host} has no list of custom fields (404). ${api}`,
      ],
      [
        "a web page",
        200,
        html,
        `<html>${token}`,
        (host) => `${host} answered with a web page instead of data (200). ${api}`,
      ],
      [
        "something else",
        200,
        {},
        `{"error":"${token}"}`,
        (host) => `${host} answered with something other than a list of custom fields. ${api}`,
      ],
      [
        "a defect of the server",
        503,
        {},
        token,
        (host) => `Planhat (${host}) answered 503 when asked for its custom fields.`,
      ],
    ];
    for (const [name, code, headers, body, sentence] of cases) {
      it(`${name} (${code})`, async () => {
        answer = (_, response) => response.writeHead(code, headers).end(body);
        const { status, stdout } = await check({ "organizations.yaml": organizations("Tier") });
        expect(status).to.equal(0);
        expect(stdout).to.contain(
          `\nNot checked against Planhat: ${sentence(address)} Names of its custom fields were taken on trust.\nThe mapping has no errors and no warnings.\n`,
        );
      });
    }

    it("a redirect, which the token does not follow", async () => {
      answer = (_, response) => response.writeHead(302, { location: `http://${address}/elsewhere` }).end();
      const { stdout } = await check({ "organizations.yaml": organizations("Tier") });
      expect(stdout).to.contain(
        `${address} redirects to another address (302), which does not get the token. ${api} Names of its custom fields`,
      );
      expect(requests).to.have.length(1);
    });

    it("a connection that breaks", async () => {
      answer = (request) => request.socket.destroy();
      const { status, stdout } = await check({ "organizations.yaml": organizations("Tier") });
      expect(status).to.equal(0);
      expect(stdout).to.contain(
        `Not checked against Planhat: Planhat (${address}) gave no complete answer about its custom fields: the connection broke (ECONNRESET). Names`,
      );
    });

    itLong("and still exits 2 for an error in another file", async () => {
      answer = (_, response) => response.writeHead(401).end();
      const files = {
        "organizations.yaml": organizations("Tier"),
        "persons.yaml": "stream: persons\nfields:\n  - {planhat: emial, pipedrive: emails.primary}\n",
      };
      const { status, stdout } = await check(files, "--json");
      expect(status).to.equal(2);
      expect(JSON.parse(stdout).notes[1]).to.match(/^Not checked against Planhat: .+ \(401\)\./);
    });
  });
});
