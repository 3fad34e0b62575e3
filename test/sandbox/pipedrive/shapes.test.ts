import { Ajv } from "ajv";
import { expect } from "chai";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { send } from "../client.ts";

const integer = { type: "integer" };
const string = { type: "string" };
const boolean = { type: "boolean" };
const orNull = (schema: { type: string }) => ({ ...schema, type: [schema.type, "null"] });
const instant = { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$" };
const oldInstant = { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$" };
const day = { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\d$" };
const integers = { type: "array", items: integer };
const customFields = { type: ["object", "null"], propertyNames: { pattern: "^[0-9a-f]{40}$" } };

/** Returns the schema of an object with exactly these keys. */
function exactly(properties: Record<string, object>): object {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}

const contacts = { type: "array", items: exactly({ value: string, primary: boolean, label: string }) };
const addressParts =
  "value country admin_area_level_1 admin_area_level_2 locality sublocality route street_number subpremise postal_code";
const address = {
  ...exactly(Object.fromEntries(addressParts.split(" ").map((part) => [part, orNull(string)]))),
  type: ["object", "null"],
};
const times = { add_time: instant, update_time: orNull(instant) };
const shared = {
  id: integer,
  owner_id: integer,
  ...times,
  is_deleted: boolean,
  visible_to: integer,
  label_ids: integers,
};
const option = exactly({ id: { type: ["integer", "string"] }, label: string, color: orNull(string) });
const subfield = exactly({ field_code: string, field_name: string, field_type: string });
const named = (key: string) => ({ ...exactly({ [key]: string }), type: ["object", "null"] });

// Written by hand after the examples of API v2 and v1 (openapi-v2.yaml, openapi-v1.yaml).
const schemas: Record<string, object> = {
  "/api/v2/organizations": exactly({
    ...shared,
    name: string,
    picture_id: orNull(integer),
    address,
    website: orNull(string),
    linkedin: orNull(string),
    industry: orNull(integer),
    annual_revenue: orNull({ type: "number" }),
    employee_count: orNull(integer),
    custom_fields: customFields,
  }),
  "/api/v2/persons": exactly({
    ...shared,
    name: string,
    first_name: orNull(string),
    last_name: orNull(string),
    org_id: orNull(integer),
    emails: contacts,
    phones: contacts,
    picture_id: orNull(integer),
    custom_fields: customFields,
  }),
  "/api/v2/deals": exactly({
    ...shared,
    title: string,
    creator_user_id: integer,
    value: { type: "number" },
    currency: { type: "string", pattern: "^[A-Z]{3}$" },
    person_id: orNull(integer),
    org_id: orNull(integer),
    pipeline_id: integer,
    stage_id: integer,
    status: { enum: ["open", "won", "lost"] },
    probability: orNull({ type: "number" }),
    lost_reason: orNull(string),
    stage_change_time: orNull(instant),
    close_time: orNull(instant),
    won_time: orNull(instant),
    lost_time: orNull(instant),
    local_won_date: orNull(day),
    local_lost_date: orNull(day),
    local_close_date: orNull(day),
    expected_close_date: orNull(day),
    is_archived: boolean,
    archive_time: orNull(instant),
    origin: string,
    origin_id: orNull(string),
    channel: orNull(integer),
    channel_id: orNull(string),
    arr: orNull({ type: "number" }),
    mrr: orNull({ type: "number" }),
    acv: orNull({ type: "number" }),
    custom_fields: customFields,
  }),
  "/api/v2/pipelines": exactly({
    id: integer,
    name: string,
    order_nr: integer,
    is_deleted: boolean,
    is_deal_probability_enabled: boolean,
    ...times,
  }),
  "/api/v2/stages": exactly({
    id: integer,
    order_nr: integer,
    name: string,
    is_deleted: boolean,
    deal_probability: integer,
    pipeline_id: integer,
    is_deal_rot_enabled: boolean,
    days_to_rotten: orNull(integer),
    ...times,
  }),
  "/v1/notes": exactly({
    id: integer,
    user_id: integer,
    deal_id: orNull(integer),
    person_id: orNull(integer),
    org_id: orNull(integer),
    lead_id: orNull(string),
    content: string,
    add_time: oldInstant,
    update_time: oldInstant,
    active_flag: { const: true },
    pinned_to_lead_flag: boolean,
    pinned_to_deal_flag: boolean,
    pinned_to_organization_flag: boolean,
    pinned_to_person_flag: boolean,
    last_update_user_id: orNull(integer),
    organization: named("name"),
    person: named("name"),
    deal: named("title"),
    lead: { type: "null" },
    user: exactly({ email: string, icon_url: { type: "null" }, is_you: boolean, name: string }),
  }),
};
for (const entity of ["organization", "person", "deal"]) {
  schemas[`/api/v2/${entity}Fields`] = exactly({
    field_name: string,
    field_code: string,
    description: orNull(string),
    field_type: string,
    is_custom_field: boolean,
    is_optional_response_field: boolean,
    options: { type: ["array", "null"], items: option },
    subfields: { type: ["array", "null"], items: subfield },
  });
}
schemas["/api/v2/deals/archived"] = schemas["/api/v2/deals"] as object;

describe("the shapes of what the sandbox serves", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox({ burstLimit: 1000 });
  });
  after(() => sandbox.close());

  for (const [path, schema] of Object.entries(schemas)) {
    it(`are those of the documentation for every element of ${path}`, async () => {
      const { status, body } = await send(sandbox, "GET", `${path}?limit=500`);
      const { data } = body as unknown as { data: unknown[] };
      const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile({
        type: "array",
        minItems: 1,
        items: schema,
      });
      expect(status).to.equal(200);
      expect(validate(data), JSON.stringify(validate.errors?.slice(0, 5))).to.equal(true);
    });
  }
});
