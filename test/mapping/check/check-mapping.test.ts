import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { expect } from "chai";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import type { AccountCatalog } from "../../../connector/account-catalog.ts";
import { checkMapping } from "../../../connector/mapping/check/check-mapping.ts";
import { sha256 } from "../../../connector/mapping/fingerprint.ts";
import { structureCheck } from "../../../connector/mapping/language/check-structure.ts";
import { definitions, mappingSchema, streamSchema } from "../../../connector/mapping/language/document-schema.ts";
import { parseMappingDocument } from "../../../connector/mapping/language/parse-document.ts";
import type { Json, JsonObject } from "../../../connector/mapping/value.ts";
import { packageRoot } from "../../../connector/package-root.ts";
import { modelCatalog } from "../../../connector/planhat/models.ts";
import { listedStreams, type StreamName, streamNames } from "../../../connector/stream-name.ts";
import { account } from "../account.ts";
import { compiled, outcome } from "../checked.ts";

const shipped = listedStreams.map((stream) => ({
  name: `mappings/${stream}.yaml`,
  text: readFileSync(join(packageRoot, `mappings/${stream}.yaml`), "utf8"),
}));
const bare: AccountCatalog = {
  companyDomain: null,
  fields: { organizations: [], persons: [], deals: [] },
  pipelines: [],
  stages: [],
  users: [],
};

describe("the mapping that the package ships", () => {
  for (const [title, catalog] of [
    ["an account with many fields", account],
    ["an account with none", bare],
    ["no account", undefined],
  ] as const) {
    it(`compiles without a problem against ${title}`, () => {
      const { problems, mapping } = checkMapping(shipped, {
        models: modelCatalog,
        ...(catalog === undefined ? {} : { catalog }),
      });
      expect(problems).to.deep.equal([]);
      expect(mapping).to.not.equal(undefined);
    });
  }

  const { mapping } = checkMapping(shipped, { models: modelCatalog, catalog: account });
  const map = (stream: StreamName, record: JsonObject) => {
    const mapped = mapping![stream].map(record, {});
    return Object.fromEntries(mapped.fields.map(({ field }) => [field, outcome(mapped, field)]));
  };

  it("makes a company of an organization", () => {
    const address = {
      value: "Invalidenstr. 1, Berlin",
      route: "Invalidenstr.",
      street_number: "1",
      locality: "Berlin",
      postal_code: "10115",
      country: "Germany",
    };
    expect(map("organizations", { id: 1, name: "Acme", website: "https://acme.test", address })).to.deep.equal({
      name: "Acme",
      web: "https://acme.test",
      address: "Invalidenstr. 1",
      city: "Berlin",
      zip: "10115",
      country: "Germany",
    });
  });

  it("makes an end user of a person", () => {
    const person = {
      id: 2,
      first_name: "Ann",
      last_name: null,
      emails: [{ value: " Ann@Acme.test ", primary: true }],
      phones: [],
    };
    expect(map("persons", person)).to.deep.equal({
      email: "ann@acme.test",
      firstName: "Ann",
      lastName: null,
      phone: undefined,
      position: undefined,
    });
  });

  it("makes a note of a note: its first line, at most 80 characters, is the subject", () => {
    const content = `<p>${"Kick-off ".repeat(20)}</p><p>Second &amp; last</p>`;
    const note = map("notes", { id: 3, content, add_time: "2026-01-31 10:00:00" });
    expect(note["subject"]).to.equal("Kick-off ".repeat(20).slice(0, 80));
    expect(note["description"]).to.equal(content);
    expect(note["date"]).to.equal("2026-01-31 10:00:00");
    for (const odd of [null, "", "<p> </p>"]) {
      expect(map("notes", { id: 3, content: odd })["subject"]).to.equal("Pipedrive note");
    }
  });

  it("makes a license of a deal", () => {
    expect(map("deals", { id: 4, value: 200.5, currency: "EUR", won_time: "2026-01-31T23:30:00Z" })).to.deep.equal({
      _currency: "EUR",
      fromDate: "2026-01-31",
      value: 200.5,
      product: "License Fee",
    });
    expect(mapping!.deals.statuses).to.deep.equal(["won"]);
    expect(mapping!.deals.pipelineIds).to.equal(null);
  });

  it("still compiles when every commented line is taken in", () => {
    const catalog: AccountCatalog = {
      ...account,
      fields: {
        ...account.fields,
        deals: [...account.fields.deals, { label: "Contract end", key: "0a".repeat(20), type: "date", custom: true }],
      },
    };
    const files = shipped.map(({ name, text }) => ({
      name,
      text: text.replace(/^( *)# ((?: *- (?:planhat|model)| {2,}\w+):.*)$/gm, "$1$2"),
    }));
    expect(files.map(({ text }) => text).join()).to.match(/^ +- planhat: toDate/m);
    const { problems } = checkMapping(files, { models: modelCatalog, catalog });
    expect(problems).to.deep.equal([]);
  });

  it("tells editors where its schema is", () => {
    for (const { text } of shipped) {
      expect(text.split("\n")[0]).to.equal("# yaml-language-server: $schema=../schemas/mapping.json");
    }
  });
});

describe("the fingerprint of a mapping", () => {
  const base = "stream: notes\nfields:\n  - {planhat: subject, pipedrive: content}\n";
  const of = (text: string) => compiled({ notes: text }).fingerprint;

  it("stays when only comments, layout or the order of keys change", () => {
    const other = "# mine\nfields:\n  - pipedrive: content # text\n    planhat: 'subject'\nstream: notes\n";
    expect(of(other)).to.equal(of(base));
  });

  it("changes with what the files say, and with the order of the fields", () => {
    expect(of(base.replace("content", "add_time"))).to.not.equal(of(base));
    const two = `${base}  - {planhat: date, pipedrive: add_time}\n`;
    const swapped =
      "stream: notes\nfields:\n  - {planhat: date, pipedrive: add_time}\n  - {planhat: subject, pipedrive: content}\n";
    expect(of(two)).to.not.equal(of(swapped));
  });

  it("is SHA-256", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        expect(sha256(text)).to.equal(createHash("sha256").update(text, "utf8").digest("hex"));
      }),
    );
  });
});

describe("without an account", () => {
  it("built-in fields and keys are read, a label is refused for every record, a pipeline's name selects nothing", () => {
    const text = `stream: deals
pipelines: [Sales]
start_date: won_time
model: license
fields:
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
  - {planhat: custom.Key, pipedrive: ${"c".repeat(40)}}
  - {planhat: custom.Label, pipedrive: Deal type}
  - {planhat: custom.Owner, pipedrive: $owner.email}
  - {planhat: custom.Url, pipedrive: $url}
`;
    const { deals } = compiled({ deals: text }, false);
    const mapped = deals.map({ id: 1, currency: "EUR", owner_id: 7, custom_fields: { ["c".repeat(40)]: 5 } }, {});
    expect(outcome(mapped, "custom.Key")).to.equal(5);
    expect(outcome(mapped, "custom.Label")).to.deep.equal({
      rejected: "Deal type cannot be found, because the account's fields are not known",
    });
    expect(outcome(mapped, "custom.Owner")).to.deep.equal({ rejected: "7 is not a user of the account" });
    expect(outcome(mapped, "custom.Url")).to.equal(undefined);
    expect(deals.pipelineIds).to.deep.equal([]);
  });
});

describe("the lineage of a mapping", () => {
  it("tells what is read for each field, and where that is written, without running anything", () => {
    const text = `stream: persons
fields:
  - planhat: email
    pipedrive: [emails.primary, $organization.Tier]
    transform: [trim, {slice: [0, 5]}]
    when: {field: Role, present: true}
`;
    const { lineage } = checkMapping([{ name: "persons.yaml", text }], { models: modelCatalog, catalog: account });
    expect(lineage).to.deep.equal([
      {
        file: "persons.yaml",
        line: 3,
        column: 14,
        stream: "persons",
        model: "enduser",
        field: "email",
        direction: "receive",
        sources: ["emails.primary", "$organization.Tier"],
        reads: [
          { stream: "persons", key: "emails", custom: false },
          { stream: "persons", key: "org_id", custom: false },
          { stream: "organizations", key: "b".repeat(40), custom: true },
          { stream: "persons", key: "4".repeat(40), custom: true },
        ],
        filledBy: [
          { stream: "persons", key: "emails", custom: false, part: "primary" },
          { stream: "organizations", key: "b".repeat(40), custom: true },
        ],
        transforms: ["trim", "{slice: [0, 5]}"],
      },
    ]);
  });
});

describe("schemas/mapping.json", () => {
  const written = JSON.parse(readFileSync(join(packageRoot, "schemas/mapping.json"), "utf8"));
  const validate = new Ajv({ allErrors: false, strict: false }).compile(mappingSchema());

  it("is what the checks are made of (node --import tsx schemas/generate-mapping-schema.ts writes it)", () => {
    expect(written).to.deep.equal(JSON.parse(JSON.stringify(mappingSchema())));
  });

  it("describes every key", () => {
    const bare: string[] = [];
    const visit = (schema: unknown, path: string): void => {
      if (typeof schema !== "object" || schema === null) return;
      for (const [key, value] of Object.entries(schema)) {
        if (key === "properties" && !path.endsWith("/if")) {
          for (const [name, property] of Object.entries(
            value as Record<string, { description?: string; $ref?: string }>,
          )) {
            const described =
              property.description ?? definitions[property.$ref?.replace("#/definitions/", "") ?? ""]?.description;
            if (described === undefined) bare.push(`${path}/${name}`);
          }
        }
        visit(value, `${path}/${key}`);
      }
    };
    visit(written, "");
    expect(bare).to.deep.equal([]);
  });

  it("and the checks agree on the form of any document", () => {
    const seeds = shipped
      .map(({ text }) => parse(text) as Json)
      .concat([
        parse(
          `{stream: organizations, direction: both, create_in_pipedrive: true, prefer: newest, fields: [{planhat: name, pipedrive: [name, [x]], direction: both, transform: [trim, {lookup: {a: 1}, otherwise: keep}, {slice: [0, 1]}], required: true, on_null: ignore, when: {all: [{field: a, is: 1}, {not: {field: b, in: [1]}}]}}]}`,
        ),
        parse(
          `{stream: deals, pipelines: [1, x], statuses: [open], start_date: a, models: [{model: sale, when: {pipeline: [1]}, fields: []}, {model: license, fields: [{planhat: a, value: {b: 1}}]}]}`,
        ),
      ]);
    const foreign = fc.constantFrom<Json>(
      "x",
      "trim",
      "join",
      1,
      1.5,
      0,
      true,
      "",
      [],
      ["won", "won"],
      ["x"],
      { join: 1 },
      { a: 1 },
      { field: "x", is: 1 },
      { field: "x" },
      {},
    );
    const noNull = (json: Json): boolean =>
      json !== null && (typeof json !== "object" || Object.values(json).every((value) => noNull(value as Json)));
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.nat(), foreign, fc.boolean(), (seed, at, replacement, removes) => {
        const document = mutated(seed, at, replacement, removes);
        const text = stringify(document);
        const { problems } = checkMapping([{ name: "deals.yaml", text }], { models: modelCatalog, catalog: account });
        for (const { line, column } of problems) expect(line * column).to.be.greaterThan(0);
        const silent = { error: () => {}, warning: () => {} };
        const root = parseMappingDocument(text, silent);
        const stream = (document as JsonObject)["stream"] as StreamName;
        if (root === undefined || !streamNames.includes(stream) || !noNull(document)) return;
        const sound = structureCheck(definitions, silent)(root, streamSchema(stream), stream);
        // The meaning check reports `pipedrive` and `value` together, or neither, in a sentence of its own.
        const exclusive = onlyExclusion(validate, document);
        if (!exclusive) expect(sound, text).to.equal(validate(document));
      }),
      { numRuns: 1000 },
    );
  });
});

type Validate = ReturnType<Ajv["compile"]>;

function onlyExclusion(validate: Validate, document: Json): boolean {
  return (
    !validate(document) &&
    (validate.errors ?? []).some(({ keyword, schemaPath }) => keyword === "oneOf" || schemaPath.includes("oneOf"))
  );
}

/** Returns the document with its n-th value replaced or, in an object or list, removed. */
function mutated(seed: Json, at: number, replacement: Json, removes: boolean): Json {
  const places: { holder: JsonObject | Json[]; key: string }[] = [];
  const copy = JSON.parse(JSON.stringify(seed)) as Json;
  const visit = (value: Json): void => {
    if (typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) {
      places.push({ holder: value, key });
      visit((value as JsonObject)[key]!);
    }
  };
  visit(copy);
  const { holder, key } = places[at % places.length]!;
  if (!removes) (holder as JsonObject)[key] = replacement;
  else if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
  return copy;
}

describe("any text at all", () => {
  it("is answered with problems that have a place, never with an exception", () => {
    const pieces = fc.array(
      fc.constantFrom(
        "stream: deals\n",
        "fields:\n",
        "  - planhat: ",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a ",
        ": ",
        "- ",
        "\n",
        "  ",
        "'",
        '"',
        "!!map ",
        "? ",
        "| ",
        "null",
        "~",
        "0x1",
        ".inf",
        "<<: ",
        "# ",
        "\u0000",
        "\ufeff",
        "\t",
        "%YAML 1.1\n---\n",
        "__proto__: ",
      ),
      { maxLength: 30 },
    );
    const cut = fc.tuple(fc.constantFrom(...shipped), fc.nat(3000)).map(([{ text }, at]) => text.slice(0, at));
    fc.assert(
      fc.property(
        fc.oneof(
          pieces.map((list) => list.join("")),
          cut,
        ),
        (text) => {
          const { problems, mapping } = checkMapping([{ name: "deals.yaml", text }], {
            models: modelCatalog,
            catalog: account,
          });
          expect(mapping !== undefined).to.equal(!problems.some(({ severity }) => severity === "error"));
          for (const { line, column, message } of problems) {
            expect(line).to.be.greaterThan(0);
            expect(column).to.be.greaterThan(0);
            expect(message).to.match(/\.$/);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
