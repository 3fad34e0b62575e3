import { expect } from "chai";
import { type CanaryPlace, canaryPlace, marked, personOf, runSilently } from "../canary.ts";
import { onServerFirst } from "../databases.ts";

onServerFirst((kind) => {
  describe("no value of a record in what is printed or sent", function () {
    this.timeout(300_000);
    let place: CanaryPlace;
    before(async () => {
      place = await canaryPlace(kind);
    });
    after(() => place.sync.close());

    it("when fields are rejected, and Planhat refuses an object in its own words", async () => {
      place.sync.manners.intercept = ({ method, path }) =>
        method === "PUT" && path === "/endusers"
          ? Response.json(
              {
                createdErrors: [
                  { sourceId: String(place.person), message: `Email ${marked("planhat", "answer")} is taken` },
                ],
              },
              { status: 400 },
            )
          : undefined;
      const { stdout } = await runSilently(place, ["sync", "--json"]);
      expect(JSON.parse(stdout)).to.deep.include({ status: "partial" });
      delete place.sync.manners.intercept;
      const listed = await runSilently(place, ["rejections", "list", "--json"], { data: true });
      expect(listed.stdout).to.contain(marked("planhat", "answer"));
    });

    it("when Planhat refuses a whole call, or fails, and quotes what was sent", async () => {
      place.sync.manners.intercept = ({ method }) =>
        method === "PUT"
          ? Response.json({ error: `Invalid ${marked("planhat", "error")}` }, { status: 400 })
          : undefined;
      place.sync.sandbox.store.update("organizations", place.organization, { website: "https://a.example" });
      await runSilently(place, ["sync", "--full", "--log-format", "json"], { status: 1 });
      delete place.sync.manners.intercept;
      const runs = await runSilently(place, ["runs", "last"], { data: true });
      expect(runs.stdout).to.contain(`It said: Invalid ${marked("planhat", "error")}`);
    });

    it("when answers are malformed, and records break their schema", async () => {
      const { store } = place.sync.sandbox;
      store.putText(
        "persons",
        JSON.stringify({ id: 900, ...personOf(900, place.organization), update_time: marked("person900", "time") }),
      );
      await runSilently(place, ["sync", "--full"], { status: 0 });
      place.faults.pipedrive = ({ path }) =>
        path.endsWith("/persons")
          ? new Response(`{"success":true,"data":[{"name":"${marked("cut", "name")}`)
          : undefined;
      await runSilently(place, ["sync", "--full"], { status: 1 });
      place.faults.pipedrive = ({ path }) =>
        path.endsWith("/persons") ? Response.json({ success: true, data: marked("odd", "data") }) : undefined;
      await runSilently(place, ["sync", "--full"], { status: 1 });
      delete place.faults.pipedrive;
    });

    it("when the database refuses a row, and names it", async () => {
      await place.sync.look(
        `create function planhat.refuse() returns trigger language plpgsql as
           $$ begin raise exception 'no % here', new.email using detail = new.first_name; end $$`,
      );
      await place.sync.look(
        "create trigger refuse before insert or update on planhat.endusers for each row execute function planhat.refuse()",
      );
      const { id } = place.sync.sandbox.store.create("persons", personOf(2, place.organization));
      place.sync.sandbox.store.update("deals", place.deal, { value: 77 });
      const { status } = await runSilently(place, ["sync"]);
      expect(status, String(id)).to.not.equal(0);
      await place.sync.look("drop trigger refuse on planhat.endusers");
      await runSilently(place, ["sync"], { status: 0 });
    });
  });
});
