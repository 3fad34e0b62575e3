import { checkMapping } from "../connector/mapping/check/check-mapping.ts";
import { modelCatalog } from "../connector/planhat/models.ts";
import { account, key } from "../test/mapping/account.ts";
import { writeResults } from "./results.ts";

// Measures the records a second that one core maps with a mapping of 30 fields, and the time to report 200 mistakes.

const kinds = [
  "pipedrive: website",
  "pipedrive: [linkedin, website], transform: [trim]",
  "pipedrive: address.locality, transform: [uppercase]",
  "pipedrive: Tier, transform: [{lookup: {Gold: A, Silver: B}}]",
  "pipedrive: employee_count, transform: [{multiply: 2}]",
  "pipedrive: $owner.email",
];
const fields = Array.from(
  { length: 29 },
  (_, index) => `  - {planhat: custom.F${index}, ${kinds[index % kinds.length]}}\n`,
);
const text = `stream: organizations\nfields:\n  - {planhat: name, pipedrive: name}\n${fields.join("")}`;
const { mapping, problems } = checkMapping([{ name: "organizations.yaml", text }], {
  models: modelCatalog,
  catalog: account,
});
if (mapping === undefined) throw new Error(JSON.stringify(problems));

const records = Array.from({ length: 1000 }, (_, index) => ({
  id: index + 1,
  name: `Acme ${index}`,
  website: index % 3 === 0 ? null : ` https://acme-${index}.test `,
  address: { value: "Road 1, Bergen", locality: "Bergen" },
  employee_count: index,
  owner_id: 7,
  custom_fields: { [key("b")]: index % 2 === 0 ? 21 : 22 },
}));
const rounds = 300;
const rates: number[] = [];
for (let attempt = 0; attempt < 5; attempt++) {
  const started = performance.now();
  for (let round = 0; round < rounds; round++) for (const record of records) mapping.organizations.map(record, {});
  rates.push((rounds * records.length * 1000) / (performance.now() - started));
}
rates.sort((one, other) => one - other);

const wrong = Array.from({ length: 200 }, (_, index) => `  - {planhat: custom.F${index}, pipedrive: websit${index}}\n`);
const started = performance.now();
const told = checkMapping(
  [
    {
      name: "organizations.yaml",
      text: `stream: organizations\nfields:\n  - {planhat: name, pipedrive: name}\n${wrong.join("")}`,
    },
  ],
  { models: modelCatalog, catalog: account },
).problems.length;
const milliseconds = performance.now() - started;

writeResults(
  "mapping",
  [
    { figure: "mapping of 30 fields, median of 5", measured: rates[2]!, unit: "records/s", asked: { least: 200_000 } },
    { figure: `mapping check: ${told} mistakes told`, measured: milliseconds, unit: "ms", asked: { most: 1000 } },
  ],
  { rates, mistakes: told },
);
