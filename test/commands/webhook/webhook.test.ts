import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import type { SandboxOptions } from "../../../connector/sandbox/server.ts";
import { onServerFirst } from "../../databases.ts";
import { send } from "../../sandbox/client.ts";
import { emptyAccount, type SandboxSync, sandboxSync } from "../../sandbox-sync.ts";

const address = "http://127.0.0.1:9/hooks";

describe("the webhook commands", function () {
  this.timeout(120_000);

  onServerFirst((kind) => {
    let setup: SandboxSync;
    let intercept: NonNullable<SandboxOptions["intercept"]>;
    beforeEach(async () => {
      intercept = () => undefined;
      setup = await sandboxSync(kind, { ...emptyAccount, intercept: (request) => intercept(request) });
      setup.configure(`webhook:\n  public_url: ${address}/\n`);
    });
    afterEach(() => setup.close());

    const inPipedrive = async () =>
      (await send(setup.sandbox, "GET", "/v1/webhooks")).body["data"] as unknown as JsonObject[];

    it("create makes one webhook for deals, whose password is strong and in the database only", async () => {
      const { status, stdout, stderr } = await setup.run(["webhook", "create", "--log-level", "debug"]);
      expect(status, stderr).to.equal(0);
      expect(stdout).to.equal(`Created webhook 1: deal events go to ${address}/webhooks/pipedrive.\n`);
      const [webhook, ...more] = await inPipedrive();
      expect(more).to.deep.equal([]);
      expect(webhook).to.include({
        event_action: "*",
        event_object: "deal",
        version: "2.0",
        subscription_url: `${address}/webhooks/pipedrive`,
        http_auth_user: "pipedrive",
      });
      const password = String(webhook!["http_auth_password"]);
      expect(password).to.match(/^[\w-]{43}$/);
      expect(stdout + stderr).not.to.contain(password);
      expect(await setup.look("select password from connector.webhook_password")).to.deep.equal([{ password }]);
      expect(await setup.look("select tokens from connector.budget")).to.deep.equal([{ tokens: "22" }]);
    });

    if (kind === "embedded") return;

    it("list and delete know ours from others'", async () => {
      const other = { subscription_url: "https://o.example", event_action: "*", event_object: "deal", name: "o" };
      await send(setup.sandbox, "POST", "/v1/webhooks", other);
      const created = await setup.run(["webhook", "create", "--json"]);
      const url = `${address}/webhooks/pipedrive`;
      expect(JSON.parse(created.stdout)).to.deep.equal({
        webhooks: [{ id: 2, url, created: true, event_object: "deal" }],
        removed: [],
      });
      const listed = await setup.run(["webhook", "list", "--json"]);
      expect(JSON.parse(listed.stdout)).to.deep.equal({
        webhooks: [
          {
            id: 2,
            event_object: "deal",
            event_action: "*",
            url,
            state: "ok",
            last_delivery_time: null,
            last_http_status: null,
          },
        ],
        others: 1,
      });
      const { stdout } = await setup.run(["webhook", "list"]);
      expect(stdout).to.equal(
        `id  events  state  last delivery  answered  address\n 2  deal    ok     never                    ${url}\n\nThe token's user has 1 other webhook.\n`,
      );
      const gone = await setup.run(["webhook", "delete"]);
      expect(gone.stdout).to.equal(`Removed webhook 2: no more deal events go to ${url}.\n`);
      expect((await setup.run(["webhook", "delete"])).stdout).to.equal("The connector has no webhook in Pipedrive.\n");
      expect((await inPipedrive()).map(({ id }) => id)).to.deep.equal([1]);
    });

    it("without permission, and for an address that Pipedrive cannot reach, create says so and ends with 3", async () => {
      intercept = ({ path }) =>
        path === "/v1/webhooks" ? Response.json({ success: false, message: "Forbidden" }, { status: 403 }) : undefined;
      const forbidden = await setup.run(["webhook", "create"]);
      expect(forbidden.status).to.equal(3);
      expect(forbidden.stderr).to.equal(
        "Error: The token's user may not manage webhooks. Pipedrive does not permit GET /v1/webhooks (403: Forbidden).\nWebhooks need an administrator's API token (with OAuth2: the scope admin). Without one, leave `webhook` out and set `schedule`.\n",
      );
      const errors = { subscription_url: ["invalid or non-reachable URL"] };
      intercept = ({ method }) =>
        method === "POST" ? Response.json({ status: "error", success: false, errors }, { status: 400 }) : undefined;
      const unreachable = await setup.run(["webhook", "create"]);
      expect(unreachable.status).to.equal(3);
      expect(unreachable.stderr).to.match(
        /^Error: Pipedrive refused the webhook address http:\S+\/webhooks\/pipedrive\. .*non-reachable URL.*\nIt must be reachable from the internet, .+\n$/,
      );
    });

    it("without `webhook` in the config, or with a wrong one, it says where and what", async () => {
      const bare = await sandboxSync(kind, emptyAccount);
      const { status, stderr } = await bare.run(["webhook", "create"]);
      expect(status).to.equal(2);
      expect(stderr).to.match(/^Error: The config has no `webhook`.+\nAdd `webhook:` and/);
      bare.configure('webhook:\n  public_url: http://sync.acme.example\n  username: "a:b"\n  password: ""\n');
      const wrong = await bare.run(["webhook", "create"]);
      expect(wrong.status).to.equal(2);
      for (const words of [
        "config.yaml:5:15",
        "`webhook.public_url` must be an https:// address",
        "`webhook.username` must not hold a colon.",
        "`webhook.password` is empty.",
      ])
        expect(wrong.stderr).to.contain(words);
      await bare.close();
    });
  });
});
