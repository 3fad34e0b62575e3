import { isDeepStrictEqual } from "node:util";
import { expect } from "chai";
import fc from "fast-check";
import type { Database } from "../../connector/database/database.ts";
import { openDatabase } from "../../connector/database/open/open-database.ts";
import type { Json, JsonObject } from "../../connector/mapping/value.ts";
import { inventAccount } from "../../connector/sandbox/account/account.ts";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";
import { eachDatabase, migratedLocation, removeLocation } from "../databases.ts";
import { emptyAccount, wonDeal } from "../sandbox-sync.ts";
import { connectPlanhat, syncBothWays } from "./in-process.ts";
import {
  type Cell,
  cells,
  definitions,
  type Expected,
  expectedBody,
  expectedOf,
  fields,
  givenDirection,
  inPipedrive,
  inRow,
  mappingText,
  type ObjectDirection,
  type Prefer,
  type Setting,
  type Side,
} from "./matrix.ts";

const deals = `stream: deals
model: license
start_date: [won_time]
fields:
  - {planhat: value, pipedrive: value}
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
`;
const customFields = definitions.map(({ field_name: name }) => ({ name, parent: "Company", type: "text" }));
const day = 86_400_000;
const street = { value: "Brivibas 1, Riga", route: "Brivibas", country: "Latvia" };

/**
 * One organization: the events of each of its fields, whether Pipedrive changes it otherwise, and which side acts last.
 */
interface Organization {
  id: number;
  cells: readonly Cell[];
  touched: boolean;
  last: Side;
}

/** The cells of each field in an order of its own, so that an organization combines any of them. */
const plans = fc.record({
  orders: fc.tuple(...fields.map(() => fc.shuffledSubarray([...cells], { minLength: cells.length }))),
  touched: fc.array(fc.boolean(), { minLength: cells.length, maxLength: cells.length }),
  last: fc.array(fc.constantFrom<Side>("pipedrive", "planhat"), { minLength: cells.length, maxLength: cells.length }),
});

const settings: Setting[] = (["in the table", "in Planhat"] as const).flatMap((edited) =>
  (["both", "send", "receive", "none"] as const).flatMap((object: ObjectDirection) =>
    (["pipedrive", "planhat", "newest"] as const).flatMap((prefer: Prefer) => [
      // If nothing is sent, nothing is read back from Planhat.
      ...(edited === "in Planhat" && (object === "receive" || object === "none")
        ? []
        : [{ object, prefer, agreedBefore: true, edited }]),
      ...(object === "both" ? [{ object, prefer, agreedBefore: false, edited }] : []),
    ]),
  ),
);

eachDatabase((_open, kind) => {
  describe("every field of a company goes where its direction, who changed it, its state and prefer say", function () {
    this.timeout(1_200_000);
    for (const setting of settings) {
      const { object, prefer, agreedBefore, edited } = setting;
      it(`edited ${edited}, direction: ${object}, prefer: ${prefer}, ${agreedBefore ? "agreed before" : "from the first sync on"}`, () =>
        fc.assert(
          fc.asyncProperty(plans, async (plan) => {
            const account = inventAccount(emptyAccount);
            account.fields.organizations.push(...definitions);
            const location = await migratedLocation(kind);
            const database = await openDatabase(location);
            let now = () => new Date(Date.now() - day);
            const sandbox = await startSandbox({
              account,
              clock: () => now(),
              burstLimit: Number.POSITIVE_INFINITY,
              dailyTokens: Number.POSITIVE_INFINITY,
              planhat: { callsPerMinute: Number.POSITIVE_INFINITY, customFields },
            });
            try {
              const setClock = (clock: () => Date) => {
                now = clock;
              };
              await check({ database, sandbox, setClock }, setting, plan);
            } finally {
              await sandbox.close();
              await database.close();
              await removeLocation(location);
            }
          }),
          // Fast-check would print every cell of the plan; the differences say more.
          { numRuns: 1, endOnFailure: true, reporter: throwShort },
        ));
    }
  });
});

function throwShort<Plan>({ failed, seed, errorInstance }: fc.RunDetails<Plan>): void {
  if (failed) throw new Error(`With seed ${seed}: ${(errorInstance as Error).message}`);
}

async function check(
  { database, sandbox, setClock }: { database: Database; sandbox: Sandbox; setClock: (clock: () => Date) => void },
  setting: Setting,
  plan: { orders: Cell[][]; touched: boolean[]; last: Side[] },
): Promise<void> {
  const { object, prefer, agreedBefore, edited } = setting;
  const organizations = plan.touched.map((touched, index): Organization => {
    const own = plan.orders.map((order) => order[index]!);
    const first = own.map(({ first }) => first);
    const { organizationId } = wonDeal(sandbox, {}, { name: `Organization ${index}`, ...values(first) });
    return { id: organizationId, cells: own, touched, last: plan.last[index]! };
  });
  const texts = { "organizations.yaml": mappingText(object, prefer), "deals.yaml": deals };
  const earlier = { ...texts, "organizations.yaml": mappingText("both", prefer).replaceAll(/, direction: \w+/g, "") };
  const withPlanhat = async () => (edited === "in Planhat" ? { planhat: await connectPlanhat(sandbox) } : {});
  const sync = async (full = false) => syncBothWays(database, sandbox, texts, { full, ...(await withPlanhat()) });
  await syncBothWays(database, sandbox, agreedBefore ? earlier : texts, await withPlanhat());
  sandbox.requests.reset();
  // Planhat reports the time of a change there, long before it is read; in the table a change is made now.
  const ago = edited === "in Planhat" ? 100_000 : 0;
  setClock(() => new Date(Date.now() - ago - 60_000));
  for (const one of organizations.filter(({ last }) => last === "planhat")) changeInPipedrive(sandbox, one);
  setClock(() => new Date(Date.now() - ago));
  for (const one of organizations) {
    if (edited === "in Planhat") changeInPlanhat(sandbox, one);
    else await changeInTable(database, one);
  }
  // Pipedrive stores whole seconds: two seconds later is after the row's instant.
  setClock(() => new Date(Date.now() - ago + 2000));
  for (const one of organizations.filter(({ last }) => last === "pipedrive")) changeInPipedrive(sandbox, one);

  const expected = organizations.map((one) => expectedOfAll(one, setting));
  const summary = await sync();
  const patches = sandbox.requests.writes.map(({ method, path, body }) => [method, path, body]);
  const bodies = expected.flatMap(({ id, body }) =>
    body === undefined ? [] : [["PATCH", `/api/v2/organizations/${id}`, body]],
  );
  const rowsNow = new Map(await rowsOf(database));
  const sentTo = new Map(sandbox.requests.writes.map(({ path, body }) => [path, body as JsonObject]));
  const different = organizations.flatMap((one, index) =>
    differences(one, expected[index]!, rowsNow.get(String(one.id))!, sentTo.get(`/api/v2/organizations/${one.id}`)),
  );
  if (different.length > 0) throw new Error(different.slice(0, 12).join("\n"));
  expect(byPath(patches)).to.deep.equal(byPath(bodies));
  const conflicts = expected.flatMap(({ id, conflicts: own }) => own.map(([field, winner]) => [id, field, winner]));
  expect(await conflictsOf(database)).to.deep.equal(conflicts.map(String).sort());
  expect(summary.sent.organizations).to.deep.equal({
    created: 0,
    updated: bodies.length,
    conflicts: conflicts.length,
  });
  expect(summary.status).to.equal("succeeded");
  for (const { id, body } of expected) if (body !== undefined) expectTaken(sandbox, id, body);

  if (edited === "in Planhat") expectAlike(sandbox, object, await rowsOf(database));
  const writes = () => sandbox.planhat.requests.byPath["PUT /companies"];
  const writesBefore = writes();
  const rows = await database.query("select * from planhat.companies order by id");
  for (let again = 0; again < 2; again++) {
    const silent = await sync();
    expect(silent.sent.organizations).to.deep.equal({ created: 0, updated: 0, conflicts: 0 });
    expect(await database.query("select * from planhat.companies order by id")).to.deep.equal(rows);
  }
  expect(writes()).to.equal(writesBefore);
  // Everything is applied now, including records that were skipped before.
  await sync(true);
  expect(await rowsOf(database)).to.deep.equal(
    organizations.map((one) => [String(one.id), expectedOfAll({ ...one, touched: true }, setting).row]),
  );
  expect(sandbox.requests.writes).to.have.length(bodies.length);
  expect(await conflictsOf(database)).to.have.length(conflicts.length);
}

/** Returns a record's fields in these states; an undefined state is left out. */
function values(states: readonly (Parameters<typeof inPipedrive>[1] | undefined)[]): JsonObject {
  const block: Record<string, Json | undefined> = {};
  let address: JsonObject | undefined;
  fields.forEach((field, index) => {
    const state = states[index];
    if (state === undefined) return;
    if (field.key === undefined) address = { ...street, locality: inPipedrive(field, state) ?? null };
    else block[field.key] = inPipedrive(field, state);
  });
  return { custom_fields: block as JsonObject, ...(address === undefined ? {} : { address }) };
}

function isTouched({ touched, cells: own }: Organization): boolean {
  return touched || own.some(({ first, pipedrive }) => pipedrive !== "" && pipedrive !== first);
}

function changeInPipedrive(sandbox: Sandbox, one: Organization): void {
  if (!isTouched(one)) return;
  const changes = values(one.cells.map(({ pipedrive }) => (pipedrive === "" ? undefined : pipedrive)));
  sandbox.store.update("organizations", one.id, { ...changes, linkedin: `touched ${one.id}` });
}

async function changeInTable(database: Database, { id, cells: own }: Organization): Promise<void> {
  const custom: JsonObject = {};
  const assignments: string[] = [];
  const parameters: Json[] = [String(id)];
  fields.forEach((field, index) => {
    const state = own[index]!.planhat;
    if (state === "") return;
    if (field.column === undefined) custom[field.planhat.slice("custom.".length)] = inRow(field, state)!;
    else assignments.push(`${field.column} = $${parameters.push(inRow(field, state) ?? null)}`);
  });
  if (Object.keys(custom).length > 0) {
    assignments.push(`custom = custom || $${parameters.push(JSON.stringify(custom))}::jsonb`);
  }
  if (assignments.length === 0) return;
  await database.query(`update planhat.companies set ${assignments.join(", ")} where source_id = $1`, parameters);
}

function changeInPlanhat(sandbox: Sandbox, { id, cells: own }: Organization): void {
  const changes: JsonObject = {};
  const custom: JsonObject = {};
  fields.forEach((field, index) => {
    const state = own[index]!.planhat;
    if (state === "") return;
    const value = inRow(field, state) ?? null;
    if (field.planhat.startsWith("custom.")) custom[field.planhat.slice("custom.".length)] = value;
    else changes[field.planhat] = value;
  });
  sandbox.planhat.store.update("companies", `srcid-${id}`, { ...changes, custom });
}

/** Expects Planhat to hold the rows' values in every field that is sent; all forms of an empty value are equal. */
function expectAlike(sandbox: Sandbox, object: ObjectDirection, rows: readonly [string, JsonObject][]): void {
  const filled = (value: Json | undefined) =>
    value === undefined || value === "" || (Array.isArray(value) && value.length === 0) ? null : value;
  const different = rows.flatMap(([id, row]) => {
    const company = sandbox.planhat.store.find("companies", `srcid-${id}`)!;
    return fields.flatMap(({ planhat, slot }) => {
      if (!["both", "send"].includes(givenDirection(object, slot) ?? object)) return [];
      const name = planhat.replace(/^custom\./, "");
      const held = (name === planhat ? company : (company["custom"] as JsonObject))[name];
      return isDeepStrictEqual(filled(held), filled(row[planhat]))
        ? []
        : [`${planhat} of ${id}: Planhat has ${JSON.stringify(held)}, the row ${JSON.stringify(row[planhat])}`];
    });
  });
  expect(different).to.deep.equal([]);
}

/** Returns the expected row, PATCH and conflicts of an organization. */
function expectedOfAll(one: Organization, setting: Setting) {
  const of = (applies: boolean) =>
    fields.map((field, index): Expected => expectedOf(field, one.cells[index]!, setting, { applies, last: one.last }));
  // An organization with something to send is re-read, and then applied too; a new mapping applies all.
  const applies = setting.agreedBefore || isTouched(one) || of(false).some((field) => field.sent ?? field.conflict);
  const all = of(applies && setting.object !== "send" && setting.object !== "none");
  const row: JsonObject = {};
  all.forEach(({ row: value }, index) => {
    if (value !== undefined) row[fields[index]!.planhat] = value;
  });
  const locality = fields.findIndex(({ key }) => key === undefined);
  const cell = one.cells[locality]!;
  const address = {
    ...street,
    locality: inPipedrive(fields[locality]!, cell.pipedrive === "" ? cell.first : cell.pipedrive)!,
  };
  const sent = all.flatMap((field, index) =>
    field.sent === undefined ? [] : [[fields[index]!, field.sent] as [(typeof fields)[number], Json]],
  );
  const conflicts = all.flatMap(({ conflict }, index) =>
    conflict === undefined ? [] : [[fields[index]!.planhat, conflict.winner] as const],
  );
  return { id: one.id, row, body: expectedBody(address, sent), conflicts };
}

/** Returns the unexpected results, field by field, each with its history. */
function differences(
  { id, cells: own, ...rest }: Organization,
  { row, body }: ReturnType<typeof expectedOfAll>,
  rowNow: JsonObject,
  bodyNow: JsonObject | undefined,
): string[] {
  const sent = (of: JsonObject | undefined, key: string | undefined) =>
    key === undefined ? of?.["address"] : (of?.["custom_fields"] as JsonObject | undefined)?.[key];
  return fields.flatMap(({ planhat, key }, index) => {
    const what = `${planhat} of ${id} ${JSON.stringify({ ...own[index], ...rest })}`;
    const pairs: [string, Json | undefined, Json | undefined][] = [
      ["row", rowNow[planhat], row[planhat]],
      ["PATCH", sent(bodyNow, key), sent(body, key)],
    ];
    return pairs.flatMap(([place, is, should]) =>
      isDeepStrictEqual(is, should)
        ? []
        : [`${what}: the ${place} has ${JSON.stringify(is)} and not ${JSON.stringify(should)}`],
    );
  });
}

async function rowsOf(database: Database): Promise<[string, JsonObject][]> {
  const rows = await database.query<{ source_id: string; custom: JsonObject } & Record<string, unknown>>(
    "select source_id, web, zip, country, phone_primary, city, custom from planhat.companies order by source_id::int",
  );
  return rows.map((row) => {
    const held: JsonObject = {};
    for (const { planhat, column } of fields) {
      if (column !== undefined) held[planhat] = row[column] as Json;
      else if (planhat.slice("custom.".length) in row.custom)
        held[planhat] = row.custom[planhat.slice("custom.".length)]!;
    }
    return [row.source_id, held];
  });
}

async function conflictsOf(database: Database): Promise<string[]> {
  const rows = await database.query<{ record_id: string; field: string; winner: string }>(
    "select record_id, field, winner from connector.conflicts",
  );
  return rows.map(({ record_id, field, winner }) => String([record_id, field, winner])).sort();
}

function byPath(requests: readonly unknown[][]): unknown[][] {
  return [...requests].sort((one, other) => (String(one[1]) < String(other[1]) ? -1 : 1));
}

/** Expects Pipedrive to hold the sent values. */
function expectTaken(sandbox: Sandbox, id: number, body: JsonObject): void {
  const record = sandbox.store.get("organizations", id)!;
  const { custom_fields: block = {}, ...own } = body;
  expect(record["custom_fields"]).to.include(withoutLists(block as JsonObject));
  for (const [key, value] of Object.entries(own)) expect(record[key]).to.include(value as JsonObject);
}

function withoutLists(block: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(block).filter(([, value]) => !Array.isArray(value)));
}
