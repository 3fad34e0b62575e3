import { custom, itMaps, type SourceCase } from "../source-case.ts";

const gold = { org_id: 1 };

const deal = { id: 9, title: "Rollout", won_time: "2026-03-15T10:00:00Z", org_id: 1, owner_id: 7 };
const yearly = { billing_frequency: "annually", billing_frequency_cycles: 2, billing_start_date: null, sum: 1200 };

const cases: SourceCase[] = [
  ["$deal reaches into the deal", "deal_products", "pipedrive: $deal.title", { deal_id: 9 }, "Rollout", { deal }],
  ["$deal that has not landed is empty", "deal_products", "pipedrive: $deal.title", { deal_id: 9 }, undefined],
  [
    "$deal with a computed field is what the deal itself would read",
    "deal_products",
    "pipedrive: $deal.$owner.email",
    { deal_id: 9 },
    "ivo@acme.test",
    { deal },
  ],
  [
    "$deal.$organization reaches further",
    "deal_products",
    "pipedrive: $deal.$organization.name",
    { deal_id: 9 },
    "Acme",
    { deal, organization: { name: "Acme" } },
  ],
  [
    "$deal.$start_date is found as deals.yaml says",
    "deal_products",
    "pipedrive: [billing_start_date, $deal.$start_date]",
    { deal_id: 9, billing_start_date: null },
    "2026-03-15",
    { deal },
  ],
  [
    "$period.last_day counts from the deal's start date where billing has none",
    "deal_products",
    "pipedrive: $period.last_day",
    { deal_id: 9, ...yearly },
    "2028-03-14",
    { deal },
  ],
  ["$period.mrr needs no deal", "deal_products", "pipedrive: $period.mrr", { deal_id: 9, ...yearly }, 100],
  ["$period.fixed", "deal_products", "pipedrive: $period.fixed", { deal_id: 9, ...yearly }, true],

  [
    "$organization reaches into the organization",
    "persons",
    "pipedrive: $organization.Tier",
    gold,
    "Gold",
    { organization: custom("b", 21) },
  ],
  [
    "$organization of a record whose reference was cleared is null",
    "persons",
    "pipedrive: $organization.name",
    { org_id: null },
    null,
    {},
  ],
  [
    "$organization that is not landed yet is empty",
    "persons",
    "pipedrive: $organization.name",
    { org_id: 1 },
    undefined,
  ],
  [
    "$person reaches into the person",
    "deals",
    "pipedrive: $person.emails.primary",
    { person_id: 2 },
    "a@x",
    { person: { emails: [{ value: "a@x" }] } },
  ],
  ["$owner.email", "deals", "pipedrive: $owner.email", { owner_id: 7 }, "ivo@acme.test"],
  [
    "$owner of an unknown user is refused",
    "deals",
    "pipedrive: $owner.name",
    { owner_id: 8 },
    { rejected: "8 is not a user of the account" },
  ],
  ["$owner without an owner is null", "deals", "pipedrive: $owner.name", { owner_id: null }, null],
  [
    "$owner of a note is its user, whom it brings with it",
    "notes",
    "pipedrive: $owner.name",
    { user_id: 99, user: { name: "Gone" } },
    "Gone",
  ],
  ["$pipeline.name", "deals", "pipedrive: $pipeline.name", { pipeline_id: 2 }, "Renewals"],
  ["$stage.name", "deals", "pipedrive: $stage.name", { stage_id: 11 }, "Lead in"],
  [
    "an unknown stage is refused",
    "deals",
    "pipedrive: $stage.name",
    { stage_id: 12 },
    { rejected: "12 is not a stage of the account" },
  ],
  ["$labels", "organizations", "pipedrive: $labels", { label_ids: [5] }, ["Customer"]],
  [
    "$labels that came with the record",
    "organizations",
    "pipedrive: $labels",
    { labels: [{ id: 9, label: "New" }] },
    ["New"],
  ],
  ["$url of a deal", "deals", "pipedrive: $url", { id: 5 }, "https://acme.pipedrive.com/deal/5"],
  [
    "$url of an organization",
    "organizations",
    "pipedrive: $url",
    { id: 5 },
    "https://acme.pipedrive.com/organization/5",
  ],
  ["$url of a person", "persons", "pipedrive: $url", { id: 5 }, "https://acme.pipedrive.com/person/5"],
  ["$start_date", "deals", "pipedrive: $start_date", { won_time: "2026-01-31T23:59:59Z" }, "2026-01-31"],
];

describe("what a computed source reads", () => {
  itMaps(cases);
});
