import { expect } from "chai";
import { createBudget } from "../../../connector/pipedrive/client/budget.ts";
import { createClient } from "../../../connector/pipedrive/client/client.ts";
import { parseCompanyUrl } from "../../../connector/pipedrive/client/company-url.ts";
import { failureOf } from "../failure-of.ts";
import { json, type LocalServer, startServer } from "../local-server.ts";

describe("signing in with OAuth2", () => {
  const credentials = {
    auth_type: "oauth2" as const,
    client_id: "app",
    client_secret: "app-secret",
    refresh_token: "refresh-1",
  };
  let server: LocalServer;
  afterEach(async () => server.close());

  /** Starts a server that issues access tokens valid for `seconds`, and accepts only the last one. */
  async function start(seconds: number, revoked = 0): Promise<void> {
    let made = 0;
    let toRevoke = revoked;
    server = await startServer((request, response) => {
      if (request.path === "/oauth/token") {
        made++;
        return json(response, {
          access_token: `access-${made}`,
          refresh_token: `refresh-${made + 1}`,
          expires_in: seconds,
        });
      }
      if (request.headers.authorization !== `Bearer access-${made}` || toRevoke-- > 0) return json(response, {}, 401);
      json(response, { success: true, data: [] });
    });
  }
  function connect(onTokenRotated?: (token: string) => void) {
    return createClient({
      companyUrl: parseCompanyUrl(server.url),
      credentials,
      tokenAddress: `${server.url}/oauth/token`,
      ...(onTokenRotated === undefined ? {} : { onTokenRotated }),
      budget: createBudget(),
    });
  }
  const tokenRequests = () => server.seen.filter(({ path }) => path === "/oauth/token");

  it("makes one access token for all requests, and tells the new refresh token", async () => {
    await start(3600);
    const rotated: string[] = [];
    const client = connect((refreshToken) => rotated.push(refreshToken));
    await Promise.all([1, 2, 3].map(() => client.get("/api/v2/deals", {}, { tokens: 10 })));
    await client.get("/api/v2/deals", {}, { tokens: 10 });
    expect(tokenRequests()).to.have.length(1);
    const [request] = tokenRequests();
    expect(request!.body).to.equal("grant_type=refresh_token&refresh_token=refresh-1");
    expect(request!.headers.authorization).to.equal(`Basic ${Buffer.from("app:app-secret").toString("base64")}`);
    expect(rotated).to.deep.equal(["refresh-2"]);
    expect(server.seen.at(-1)!.headers).not.to.have.property("x-api-token");
  });

  it("makes another before the first ends, with the refresh token it was given", async () => {
    await start(30);
    const client = connect();
    await client.get("/api/v2/deals", {}, { tokens: 10 });
    await client.get("/api/v2/deals", {}, { tokens: 10 });
    expect(tokenRequests().map(({ body }) => body.split("refresh_token=").at(-1))).to.deep.equal([
      "refresh-1",
      "refresh-2",
    ]);
  });

  it("makes another after a 401, once", async () => {
    await start(3600, 1);
    await connect().get("/api/v2/deals", {}, { tokens: 10 });
    expect(tokenRequests()).to.have.length(2);
    await server.close();
    await start(3600, 2);
    const failure = await failureOf(() => connect().get("/api/v2/deals", {}, { tokens: 10 }));
    expect(failure.kind).to.equal("surroundings");
    expect(failure.message).to.equal("Pipedrive refused the OAuth2 credentials (401).");
    expect(tokenRequests()).to.have.length(2);
  });

  it("says what to do when the app was removed", async () => {
    server = await startServer((_, response) => json(response, { success: false, error: "invalid_grant" }, 400));
    const failure = await failureOf(() => connect().get("/api/v2/deals", {}, { tokens: 10 }));
    expect(failure.kind).to.equal("surroundings");
    expect(failure.message).to.equal("Pipedrive did not accept the OAuth2 credentials (400: invalid_grant).");
    expect(failure.hint).to.contain("install the app again");
    expect(server.seen).to.have.length(1);
  });

  it("names the scope that is missing", async () => {
    server = await startServer(({ path }, response) =>
      path === "/oauth/token"
        ? json(response, { access_token: "a" })
        : json(response, { error: "Scope and URL mismatch" }, 403),
    );
    const scopes: (string | undefined)[] = [];
    for (const path of ["/api/v2/deals", "/api/v2/personFields", "/v1/notes", "/v1/users"]) {
      scopes.push((await failureOf(() => connect().get(path, {}, { tokens: 1 }))).hint?.split(";")[0]);
    }
    expect(scopes).to.deep.equal([
      "The app needs the scope deals:read",
      "The app needs the scope contacts:read",
      "The app needs the scope deals:read or contacts:read",
      "The app needs the scope users:read",
    ]);
  });
});
