import { expect } from "chai";
import type { Database } from "../../../connector/database/database.ts";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { createBudget } from "../../../connector/pipedrive/client/budget.ts";
import { createClient } from "../../../connector/pipedrive/client/client.ts";
import { parseCompanyUrl } from "../../../connector/pipedrive/client/company-url.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../../connector/sandbox/server.ts";
import { ensureWebhook } from "../../../connector/service/webhook/ensure-webhook.ts";
import { caughtFailure } from "../../caught-failure.ts";
import { onServerFirst } from "../../databases.ts";
import { send } from "../../sandbox/client.ts";
import { emptyAccount } from "../../sandbox-sync.ts";

describe("the connector's webhook", function () {
  this.timeout(240_000);

  onServerFirst((_kind, open) => {
    let database: Database;
    let sandbox: Sandbox;
    let intercept: NonNullable<SandboxOptions["intercept"]>;
    let password: string | undefined;
    let followChanges: boolean;
    before(async () => {
      database = await open();
    });
    beforeEach(async () => {
      await database.query("delete from connector.webhooks");
      password = undefined;
      followChanges = false;
      intercept = () => undefined;
      sandbox = await startSandbox({
        ...emptyAccount,
        burstLimit: 1000,
        intercept: (request) => intercept(request),
      });
    });
    afterEach(() => sandbox.close());

    const ensure = () =>
      ensureWebhook({
        database,
        client: createClient({
          companyUrl: parseCompanyUrl(sandbox.url),
          apiToken: sandbox.token,
          budget: createBudget(),
        }),
        config: {
          webhook: {
            public_url: "https://sync.acme.example",
            username: "pipedrive",
            ...(password === undefined ? {} : { password }),
          },
          follow_changes: followChanges,
        },
      });
    const inPipedrive = async () =>
      (await send(sandbox, "GET", "/v1/webhooks")).body["data"] as unknown as JsonObject[];
    const ids = async () => (await inPipedrive()).map(({ id }) => id);
    const others = async (count: number) => {
      const body = { subscription_url: "https://o.example", event_action: "*", event_object: "deal", name: "o" };
      for (let made = 0; made < count; made++) await send(sandbox, "POST", "/v1/webhooks", body);
    };

    it("is made once, also when several processes begin at once", async () => {
      await Promise.all([ensure(), ensure(), ensure()]);
      const { webhooks, removed } = await ensure();
      expect(webhooks).to.deep.equal([
        { id: 1, eventObject: "deal", url: "https://sync.acme.example/webhooks/pipedrive", created: false },
      ]);
      expect(removed).to.deep.equal([]);
      expect(await ids()).to.deep.equal([1]);
    });

    it("is replaced for other credentials or follow_changes: the new ones first, then the old goes", async () => {
      await ensure();
      password = "a-password-of-mine";
      followChanges = true;
      const order: string[] = [];
      intercept = ({ method, path }) => {
        order.push(`${method} ${path.replace("/v1/webhooks", "")}`.trim());
        return undefined;
      };
      const { webhooks, removed } = await ensure();
      expect(order).to.deep.equal(["GET", "POST", "POST", "POST", "POST", "DELETE /1"]);
      expect(webhooks.map(({ eventObject }) => eventObject)).to.deep.equal(["deal", "organization", "person", "note"]);
      expect(removed).to.deep.equal([{ id: 1, eventObject: "deal", fault: "made for other settings" }]);
      expect((await inPipedrive()).map((one) => one["http_auth_password"])).to.deep.equal(Array(4).fill(password));
      followChanges = false;
      await ensure();
      expect((await inPipedrive()).map((one) => one["event_object"])).to.deep.equal(["deal"]);
    });

    it("is made anew when Pipedrive has removed it", async () => {
      await ensure();
      await send(sandbox, "DELETE", "/v1/webhooks/1");
      const { webhooks, lost } = await ensure();
      expect(webhooks[0]).to.include({ id: 2, created: true });
      expect(lost).to.deep.equal([1]);
    });

    it("is made anew when Pipedrive switched it off, or has banned it after failed deliveries", async () => {
      await ensure();
      let lookAgain = false;
      const shown = async (change: JsonObject) => {
        const data = (await inPipedrive()).map((one) => ({ ...one, ...change }));
        intercept = ({ method }) =>
          method === "GET" ? Response.json({ status: "ok", success: true, data }) : undefined;
        const { webhooks, removed, doubtful } = await ensure();
        intercept = () => undefined;
        lookAgain = doubtful;
        return [webhooks[0]!.created, removed[0]?.fault];
      };
      const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
      expect(await shown({ is_active: 0 })).to.deep.equal([true, "switched off by Pipedrive"]);
      expect(await shown({ remove_time: ago(60) })).to.deep.equal([true, "switched off by Pipedrive"]);
      expect(await shown({ remove_reason: "no success" })).to.deep.equal([true, "switched off by Pipedrive"]);
      // Its retries are in progress: the check is repeated when they are over.
      expect(await shown({ last_delivery_time: ago(60), last_http_status: 503 })).to.deep.equal([false, undefined]);
      expect(lookAgain).to.equal(true);
      expect(await shown({ last_delivery_time: ago(600), last_http_status: 200 })).to.deep.equal([false, undefined]);
      expect(lookAgain).to.equal(false);
      expect(await shown({ last_delivery_time: ago(600), last_http_status: 503 })).to.deep.equal([true, "failing"]);
      expect(await shown({ last_delivery_time: ago(600), last_http_status: null })).to.deep.equal([true, "failing"]);
      expect(await ids()).to.deep.equal([6]);
    });

    it("is replaced when a process was killed before it could remember it", async () => {
      await ensure();
      await database.query("delete from connector.webhooks");
      const { webhooks, removed } = await ensure();
      expect(webhooks.map(({ id }) => id)).to.deep.equal([2]);
      expect(removed.map(({ id }) => id)).to.deep.equal([1]);
    });

    it("makes room for itself at the limit of 40, and touches no other", async () => {
      await others(39);
      await ensure();
      password = "a-password-of-mine";
      expect((await ensure()).webhooks).to.have.length(1);
      expect(await ids())
        .to.have.length(40)
        .and.not.include(40);
      followChanges = true;
      const failure = await caughtFailure(ensure());
      expect(failure).to.include({
        message: "Pipedrive allows a user 40 webhooks, and the token's user has them all.",
        hint: "Remove one that is not used: in Pipedrive, Settings > Tools > Webhooks.",
        kind: "surroundings",
      });
    });
  });
});
