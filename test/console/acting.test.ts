import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { onServerFirst } from "../databases.ts";
import { withConsole } from "./console-setting.ts";

onServerFirst((kind) => {
  describe("the console's API for acting", function () {
    this.timeout(180_000);

    it("retries, dismisses, undoes, releases and audits as the commands do, and logs who did it", async () => {
      await withConsole(
        kind,
        async ({ signIn, look, service }) => {
          const { client: edda } = await signIn("edda");
          const { client: omar } = await signIn("omar");
          const { client: vera } = await signIn("vera");
          expect((await vera.rejections.retry.$post({ json: {} })).status, "a viewer retries").to.equal(403);
          const { rejections } = await (await omar.problems.$get()).json();
          expect(rejections.count).to.be.greaterThan(0);
          const retried = await (await omar.rejections.retry.$post({ json: {} })).json();
          expect(retried).to.include({ retried: rejections.count, mended: 0, left: rejections.count });
          const [started] = await look<{ by: object }>(
            "select started_by as by from connector.runs order by started_at desc limit 1",
          );
          expect(started!.by).to.deep.equal({ by: "console", user: "omar" });
          const group = (await (await omar.problems.$get()).json()).rejections.groups[0]!;
          const { stream, reason } = group;
          const dismissed = await (
            await omar.rejections.dismiss.$post({ json: { stream, group: reason, word: "known" } })
          ).json();
          expect(dismissed.dismissed).to.equal(group.count);
          const counted = "select count(*)::int as n from connector.rejections where dismissed is not null";
          expect((await look<{ n: number }>(counted))[0]!.n).to.equal(group.count);

          const first = (await (await omar.runs.$get({ query: {} })).json()).runs.at(-1)!;
          const param = { run: first.run };
          const json = { created: true };
          expect((await omar.runs[":run"].undo.$post({ param, json })).status, "an operator undoes").to.equal(403);
          const preview = await (await edda.runs[":run"].undo.preview.$post({ param, json })).json();
          expect(preview.run).to.equal(null);
          expect(preview.removed).to.be.greaterThan(0);
          const counting = "select count(*)::int as n from planhat.licenses";
          const [before] = await look<{ n: number }>(counting);
          expect(before!.n, "a preview writes nothing").to.be.greaterThan(0);
          const undone = await (await edda.runs[":run"].undo.$post({ param, json })).json();
          expect(undone.removed).to.equal(preview.removed);
          expect((await look<{ n: number }>(counting))[0]!.n).to.equal(0);
          const { count, holds } = await (await omar.holds.$get({ query: {} })).json();
          expect([count, holds.length]).to.deep.equal([undone.held, Math.min(50, undone.held)]);
          const released = await (await omar.holds.release.$post({ json: { all: true } })).json();
          expect(released).to.deep.equal({ released: undone.held, left: 0 });

          await omar.audit.$post();
          let audit = await (await vera.audit.$get()).json();
          for (const until = Date.now() + 60_000; audit.running && Date.now() < until; ) {
            await sleep(50);
            audit = await (await vera.audit.$get()).json();
          }
          expect(audit.last?.by).to.equal("omar");
          expect(audit.last?.result.complete, JSON.stringify(audit.last?.result.error)).to.equal(true);
          expect(audit.last!.result.streams["deals"]!.landed).to.be.greaterThan(0);

          const asked = await omar.runs.$post({ json: { what: "company", organizations: [3] } });
          expect(asked.status).to.equal(200);
          expect((await omar.consents.$post({ json: { kinds: ["sending"] } })).status, "an operator").to.equal(403);
          expect((await edda.consents.$post({ json: { kinds: ["sending"] } })).status).to.equal(200);
          const jobs = (await service.jobs.takeSyncs()).map(({ data }) => data);
          // Jobs of one second come in no order.
          const job = (mode: string) => jobs.find((found) => found.mode === mode);
          expect(job("company")).to.include({ company: 3, by: "console", user: "omar" });
          expect(job("incremental")).to.deep.include({ user: "edda", agreed: ["sending"] });
          const acts = await look<{ act: string }>(
            "select name || ' ' || action as act from connector.operators where action not like 'sign-%' order by id",
          );
          expect(acts.map(({ act }) => act)).to.deep.equal([
            "omar rejections retry",
            "omar rejections dismiss",
            "edda undo",
            "omar holds release",
            "omar audit",
            "omar sync --company",
            "edda sync --yes",
          ]);
        },
        ({ sandbox }) => {
          for (const deal of sandbox.store.find("deals", ({ status }) => status === "won").slice(0, 3))
            sandbox.store.delete("organizations", deal["org_id"] as number);
        },
      );
    });
  });
});
