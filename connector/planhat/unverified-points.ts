import type { JsonObject } from "../mapping/value.ts";
import type { ModelName } from "../model-name.ts";
import type { PlanhatClient } from "./client.ts";
import { type Finding, otherwise, shortened, suits } from "./finding.ts";
import { listAll } from "./lists.ts";
import { modelPaths } from "./model-paths.ts";
import { readOutcome } from "./outcome.ts";
import { RefusedCall } from "./refusal.ts";

/** A question that Planhat's documentation leaves open, and that the connector was built without an answer to. */
export interface UnverifiedPoint {
  /** True if its probe needs License and Sale. */
  ofLicenses?: true;
  /** The question. */
  open: string;
  /** The connector's behaviour, which is safe either way. */
  does: string;
  /** Finds the answer with objects of the test company; undefined if that would do harm, or need another token. */
  probe: ((tenant: ProbeTenant) => Promise<Finding>) | undefined;
}

const day = "2026-01-31";
const license = { _currency: "EUR", fromDate: day, toDate: "2026-12-31", fixedPeriod: true, value: 12 };

/**
 * Every open point, with a note on each and a probe for a real tenant: `check --planhat-probe` runs them.
 * docs/planhat.md repeats the texts of `open` and `does`.
 */
export const unverifiedPoints: readonly UnverifiedPoint[] = [
  {
    // The documentation shows the arrays `createdErrors` and `updatedErrors` only empty.
    ofLicenses: true,
    open: "how an error names its object",
    does: "reads any key of the object in it; sends the rest again in halves where there is none",
    async probe(tenant) {
      const items = [tenant.item("license", "bad"), tenant.item("license", "good", license)];
      const answer = await tenant.put("license", items);
      const errors = Object.entries(answer).flatMap(([name, list]) =>
        name.endsWith("Errors") && Array.isArray(list) ? list : [],
      );
      const { refused, unclear } = readOutcome(items, answer);
      if (refused.has(0)) return suits(`by its key: ${shortened(errors[0])}`);
      if (unclear.includes(0))
        return suits(`not by its key: ${errors.length === 0 ? "no error" : shortened(errors[0])}`);
      return otherwise("a license without currency and start date was taken without an error");
    },
  },
  {
    // Third-party code saw `_id` alone in older answers, `_id` and the keys sent in newer ones.
    open: "whether the answer tells the keys that were sent",
    does: "takes `_id` by key where they are told, and looks the rest up in the list",
    async probe(tenant) {
      const items = [tenant.item("enduser", "keys", { email: "keys@pipedrive-planhat.example" })];
      const answer = await tenant.put("enduser", items);
      const told = [answer["insertsKeys"], answer["updatesKeys"]].flatMap((list) => (Array.isArray(list) ? list : []));
      const { accepted } = readOutcome(items, answer);
      if (accepted.get(0)?.id !== undefined) return suits(`yes: ${shortened(told[0])}`);
      const isThere = (await tenant.read("enduser", "keys")) !== undefined;
      return isThere ? suits(`no: ${shortened(told[0])}`) : otherwise("the end user was not kept");
    },
  },
  {
    // The Note page documents the bulk update by `_id` only.
    open: "whether a note is found by `externalId` in a bulk upsert",
    does: "looks for it in the list of its company first, and sends its `_id`",
    async probe(tenant) {
      const item = tenant.note("twice", { subject: "Test", description: "<p>one</p>" });
      await tenant.put("note", [item]);
      await tenant.put("note", [{ ...item, description: "<p>two</p>" }]);
      const count = (await tenant.notes()).filter(({ externalId }) => externalId === item["externalId"]).length;
      if (count === 0) return otherwise("the note is not in the list of its company");
      return suits(count === 1 ? "it is found by it" : "it is not: sent twice, it was made twice");
    },
  },
  {
    // A customer reports that updates of a note without `externalId` are rejected.
    open: "whether a note is updated by `_id` with its `externalId` beside it",
    does: "sends both",
    async probe(tenant) {
      const item = tenant.note("update", { subject: "Test", description: "<p>one</p>" });
      await tenant.put("note", [item]);
      const find = async () => (await tenant.notes()).find(({ externalId }) => externalId === item["externalId"]);
      const _id = (await find())?.["_id"];
      if (_id === undefined) return otherwise("the note is not in the list of its company");
      const answer = await tenant.put("note", [{ _id, ...item, description: "<p>two</p>" }]);
      const text = (await find())?.["description"];
      return text === "<p>two</p>" ? suits("yes") : otherwise(`no: it has ${shortened(text)} (${shortened(answer)})`);
    },
  },
  {
    open: "whether lists can be sorted by `updatedAt`",
    does: "stops early only where the answer is in that order, and reads all pages otherwise",
    async probe(tenant) {
      await tenant.put("company", [{ ...tenant.company, city: "Sorted" }]);
      const { path, things } = modelPaths.company;
      const query = { limit: 50, select: "_id,updatedAt", sort: "-updatedAt" };
      const page = await tenant.client.get(path, query, things);
      const times = Array.isArray(page) ? page.map((one) => String((one as JsonObject)["updatedAt"])) : [];
      const isSorted = times.every((time, index) => index === 0 || time <= times[index - 1]!);
      const isFirst = Array.isArray(page) && (page[0] as JsonObject | undefined)?.["_id"] === tenant.companyId;
      if (!isSorted) return suits("no");
      return isFirst ? suits("yes") : otherwise("sorted, but a company that was just changed is not the first");
    },
  },
  {
    // Planhat's own integration syncs null; no document says that null in REST clears every system field.
    ofLicenses: true,
    open: "whether `null` clears every system field",
    does: "sends it",
    async probe(tenant) {
      const kept: string[] = [];
      for (const [model, key, values] of clearable) {
        const item = model === "company" ? tenant.company : tenant.item(model, key, model === "license" ? license : {});
        await tenant.put(model, [{ ...item, ...values }]);
        await tenant.put(model, [{ ...item, ...Object.fromEntries(Object.keys(values).map((name) => [name, null])) }]);
        const after = model === "company" ? await tenant.readCompany() : await tenant.read(model, key);
        if (after === undefined) kept.push(`${model} (not kept at all)`);
        else
          kept.push(
            ...Object.keys(values)
              .filter((name) => isFilled(after[name]))
              .map((name) => `${model}.${name}`),
          );
      }
      return kept.length === 0 ? suits("yes") : otherwise(`not these: ${kept.join(", ")}`);
    },
  },
  {
    // The End User page requires an e-mail address; notes taken from the docs say that a source id suffices.
    open: "whether an end user without e-mail is taken",
    does: "sends it with its `sourceId`; a refusal or a silent drop is a rejection",
    async probe(tenant) {
      const items = [tenant.item("enduser", "no-email", { firstName: "Test" })];
      const answer = await tenant.put("enduser", items);
      if ((await tenant.read("enduser", "no-email")) !== undefined) return suits("yes");
      return isNoticed(items, answer) ? suits("no") : otherwise("no, and the answer says that it was");
    },
  },
  {
    // "Silently ignored" (help centre); the counts are the only sign.
    open: "whether a dropped object is missing from the answer's counts",
    does: "counts what the answer tells, and takes a shortfall for a drop",
    async probe(tenant) {
      const nowhere = { companyId: "0".repeat(24), email: "nowhere@pipedrive-planhat.example" };
      const items = [{ ...tenant.item("enduser", "nowhere"), ...nowhere }];
      const answer = await tenant.put("enduser", items);
      const kept = await tenant.read("enduser", "nowhere");
      if (kept !== undefined) {
        const { path, things } = modelPaths.enduser;
        await tenant.client.delete(path, String(kept["_id"]), things);
        return suits("nothing is dropped: an end user of no company is kept");
      }
      return isNoticed(items, answer) ? suits("yes") : otherwise(`no: ${shortened(answer)}`);
    },
  },
  {
    open: "whether an upsert of nothing is answered 403 where the token may not write",
    does: "`check` takes 403 for a no, and any other answer for a yes",
    // It would need a token without rights.
    probe: undefined,
  },
  {
    open: "how long to wait after 429",
    does: "`Retry-After` where it is there, else 5 s, 10 s, 20 s and so on",
    // It would need more calls than the whole tenant may make in a minute.
    probe: undefined,
  },
  {
    ofLicenses: true,
    open: "whether license dates may be days",
    does: "sends `YYYY-MM-DD`",
    async probe(tenant) {
      const answer = await tenant.put("license", [tenant.item("license", "days", license)]);
      const kept = await tenant.read("license", "days");
      if (kept === undefined) return otherwise(`no: ${shortened(answer)}`);
      const text = `${String(kept["fromDate"])} – ${String(kept["toDate"])}`;
      const isSame = [kept["fromDate"], kept["toDate"]].every((date, index) =>
        String(date).startsWith([license.fromDate, license.toDate][index]!),
      );
      return isSame ? suits(`yes: ${text}`) : otherwise(`it makes other days of them: ${text}`);
    },
  },
  {
    ofLicenses: true,
    open: "whether a license without `value` and `mrr` is taken",
    does: "sends it; a refusal is a rejection",
    async probe(tenant) {
      const { value: _, ...valueless } = license;
      const items = [tenant.item("license", "no-value", valueless)];
      const answer = await tenant.put("license", items);
      if ((await tenant.read("license", "no-value")) !== undefined) return suits("yes");
      return isNoticed(items, answer) ? suits("no") : otherwise("no, and the answer says that it was");
    },
  },
  {
    open: "what becomes of an object with an `_id` that is not known any more",
    does: "takes an error, a new object, and nothing at all alike: asks for the `_id`, looks for the key, sends it again without `_id`",
    async probe(tenant) {
      const _id = "0".repeat(24);
      const items = [{ _id, ...tenant.item("enduser", "unknown", { email: "unknown@pipedrive-planhat.example" }) }];
      let answer: JsonObject;
      try {
        answer = await tenant.put("enduser", items);
      } catch (error) {
        return error instanceof RefusedCall
          ? suits(`the whole call is refused: ${error.message}`)
          : Promise.reject(error);
      }
      if ((await tenant.read("enduser", "unknown")) !== undefined) return suits("it is made anew");
      return isNoticed(items, answer)
        ? suits("an error, or none of the counts")
        : suits(`it is passed over: ${shortened(answer)}`);
    },
  },
  {
    open: "whether a company is found by `srcid-` and its source id",
    does: "looks so, in a plan, for what would be taken over",
    async probe(tenant) {
      const found = (await tenant.readCompany())?.["_id"];
      return found === tenant.companyId ? suits("yes") : otherwise("no");
    },
  },
  {
    // Live-tested by a customer: one line, few elements, lists with classes of the editor's.
    open: "whether reduced rich text is kept as it is sent",
    does: "sends paragraphs, bold, italic, links and lists in one line",
    async probe(tenant) {
      const item = '<li class="ph-editor__list-item"><p>two</p></li>';
      const description = `<p><strong>one</strong></p><ul class="ph-editor__bullet-list">${item}</ul>`;
      await tenant.put("company", [{ ...tenant.company, description }]);
      const kept = (await tenant.readCompany())?.["description"];
      return kept === description ? suits("yes") : otherwise(`it has ${shortened(kept)}`);
    },
  },
  {
    open: "how custom fields name the model that they belong to",
    does: "compares letters only; one and several are alike, a note is a conversation",
    async probe({ client }) {
      const parents = new Set<string>();
      for await (const page of listAll(client, "/customfields", { limit: 2000 }, "custom fields")) {
        for (const { parent } of page) if (typeof parent === "string") parents.add(parent);
      }
      return suits(parents.size === 0 ? "it has no custom field" : [...parents].sort().join(", "));
    },
  },
];

/** Fields that are filled and then cleared. */
const clearable: readonly [model: "company" | "enduser" | "license", key: string, values: JsonObject][] = [
  [
    "company",
    "",
    { web: "https://pipedrive-planhat.example", city: "A", zip: "1", country: "B", address: "C", phonePrimary: "2" },
  ],
  ["enduser", "cleared", { email: "cleared@pipedrive-planhat.example", firstName: "A", position: "B", phone: "3" }],
  ["license", "cleared", { product: "A" }],
];

function isNoticed(items: readonly JsonObject[], answer: JsonObject): boolean {
  const { refused, unclear, accepted } = readOutcome(items, answer);
  // An item accepted without an id is looked up before it counts as accepted.
  return refused.has(0) || unclear.includes(0) || accepted.get(0)?.id === undefined;
}

function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

/** A tenant with a test company, on which probes may do anything. */
export interface ProbeTenant {
  client: PlanhatClient;
  /** The `_id` of the test company. */
  companyId: string;
  /** Its lookup key and its name, which must not change. */
  company: JsonObject;
  /** Returns an object of the test company, with a source id of its own. */
  item(model: ModelName, key: string, values?: JsonObject): JsonObject;
  /** Returns a note of the test company, with an external id of its own. */
  note(key: string, values: JsonObject): JsonObject;
  /** Sends one bulk upsert; returns the answer. */
  put(model: ModelName, items: readonly JsonObject[]): Promise<JsonObject>;
  read(model: ModelName, key: string): Promise<JsonObject | undefined>;
  readCompany(): Promise<JsonObject | undefined>;
  /** Reads the notes of the test company. */
  notes(): Promise<JsonObject[]>;
}
