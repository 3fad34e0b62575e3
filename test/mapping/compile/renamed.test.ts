import { expect } from "chai";
import type { AccountCatalog, FieldOption } from "../../../connector/account-catalog.ts";
import { checkMapping } from "../../../connector/mapping/check/check-mapping.ts";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { modelCatalog } from "../../../connector/planhat/models.ts";
import { account, key } from "../account.ts";
import { outcome } from "../checked.ts";

/** Returns the invented account with these options of Tier (organizations) and Deal type (deals). */
function withOptions(options: { tier?: FieldOption[]; type?: FieldOption[] }, before?: AccountCatalog): AccountCatalog {
  const put = (stream: "organizations" | "deals", letter: string, list: FieldOption[] | undefined) =>
    account.fields[stream].map((field) =>
      field.key === key(letter) && list !== undefined ? { ...field, options: list } : field,
    );
  return {
    ...account,
    fields: {
      ...account.fields,
      organizations: put("organizations", "b", options.tier),
      deals: put("deals", "7", options.type),
    },
    ...(before?.words === undefined ? {} : { words: before.words }),
  };
}

function compile(stream: "organizations" | "deals", entry: string, catalog: AccountCatalog) {
  const head =
    stream === "deals"
      ? "start_date: [won_time]\nmodel: license\nfields:\n  - {planhat: _currency, value: EUR}\n  - {planhat: fromDate, value: 2026-01-01}\n"
      : "direction: both\nfields:\n  - {planhat: name, pipedrive: name}\n";
  const text = `stream: ${stream}\n${head}  - {planhat: custom.X, ${entry}}\n`;
  const { problems, mapping } = checkMapping([{ name: `${stream}.yaml`, text }], { models: modelCatalog, catalog });
  if (mapping === undefined) throw new Error(problems.map(({ message }) => message).join("\n"));
  catalog.words = mapping.words;
  return { mapping, warnings: problems.map(({ message }) => message) };
}

const tier = (id: number): JsonObject => ({ id: 1, name: "Acme", custom_fields: { [key("b")]: id } });
const gold = { id: 21, label: "Gold" };
const silver = { id: 22, label: "Silver" };
const renamed = { id: 21, label: "Au", former: ["Gold"] };
const exchanged = [
  { id: 21, label: "Silver", former: ["Gold"] },
  { id: 22, label: "Gold", former: ["Silver"] },
];

describe("after a rename in Pipedrive", () => {
  const lookup = "pipedrive: Tier, transform: [{lookup: {Gold: A, Silver: B}}]";

  it("a lookup makes the same of the option, and back", () => {
    const { mapping, warnings } = compile("organizations", lookup, withOptions({ tier: [renamed, silver] }));
    expect(warnings).to.deep.equal(["`Gold` is called `Au` in Pipedrive now; it means option 21 of Tier as before."]);
    expect(outcome(mapping.organizations.map(tier(21), {}))).to.equal("A");
    const field = mapping.organizations.models[0]!.fields.find((one) => one.field === "custom.X")!;
    expect(field.inverse!.apply({ state: "present", value: "A" })).to.deep.equal({ state: "present", value: 21 });
    expect(field.inverse!.apply({ state: "present", value: "B" })).to.deep.equal({ state: "present", value: 22 });
  });

  it("a lookup of exchanged options makes the same of each, and back", () => {
    const before = withOptions({ tier: [gold, silver] });
    compile("organizations", lookup, before);
    const { mapping, warnings } = compile("organizations", lookup, withOptions({ tier: exchanged }, before));
    expect(warnings).to.have.length(2);
    expect(outcome(mapping.organizations.map(tier(21), {}))).to.equal("A");
    expect(outcome(mapping.organizations.map(tier(22), {}))).to.equal("B");
    const field = mapping.organizations.models[0]!.fields.find((one) => one.field === "custom.X")!;
    expect(field.inverse!.apply({ state: "present", value: "A" })).to.deep.equal({ state: "present", value: 21 });
  });

  it("a word that the table has lost to an option it does not mean finds nothing", () => {
    const only = "pipedrive: Tier, direction: receive, transform: [{lookup: {Gold: A}, otherwise: keep}]";
    const before = withOptions({ tier: [gold, silver] });
    compile("organizations", only, before);
    const { mapping } = compile("organizations", only, withOptions({ tier: exchanged }, before));
    expect(outcome(mapping.organizations.map(tier(21), {}))).to.equal("A");
    expect(outcome(mapping.organizations.map(tier(22), {}))).to.equal("Gold");
  });

  it("transforms in front of a lookup change nothing about it", () => {
    const upper = "pipedrive: Tier, direction: receive, transform: [uppercase, {lookup: {GOLD: A}, otherwise: B}]";
    const { mapping } = compile("organizations", upper, withOptions({ tier: [renamed, silver] }));
    expect(outcome(mapping.organizations.map(tier(21), {}))).to.equal("A");
    expect(outcome(mapping.organizations.map(tier(22), {}))).to.equal("B");
  });

  it("replace finds a label that it names as a whole", () => {
    const replace = "pipedrive: Tier, direction: receive, transform: [{replace: {Gold: Best}}]";
    const { mapping } = compile("organizations", replace, withOptions({ tier: [renamed, silver] }));
    expect(outcome(mapping.organizations.map(tier(21), {}))).to.equal("Best");
    expect(outcome(mapping.organizations.map(tier(22), {}))).to.equal("Silver");
  });

  it("an option that matched a pattern matches on, and one that is renamed to match does not", () => {
    const when = 'value: yes, when: {field: Deal type, matches: "^One"}';
    const before = withOptions({});
    compile("deals", when, before);
    const options = [
      { id: 41, label: "One year", former: ["Subscription"] },
      { id: 42, label: "Single", former: ["One-off"] },
      { id: 44, label: "One day" },
    ];
    const { mapping } = compile("deals", when, withOptions({ type: options }, before));
    const met = (id: number) => outcome(mapping.deals.map({ custom_fields: { [key("7")]: id } }, {})) === "yes";
    expect([41, 42, 44].map(met)).to.deep.equal([false, true, true]);
  });

  it("a label that came with an option which is newer than the account says what it is", () => {
    const { mapping } = compile("deals", "value: yes, when: {field: Deal type, is: One-off}", withOptions({}));
    const of = (type: JsonObject) => outcome(mapping.deals.map({ custom_fields: { [key("7")]: type } }, {}));
    expect(of({ id: 99, label: "One-off" })).to.equal("yes");
    expect(of({ id: 99, label: "Other" })).to.deep.equal({ rejected: "not mapped" });
  });

  describe("of an option or a field that was deleted", () => {
    const gone = { id: 21, label: "Gold", gone: true, goneSince: "2026-03-01T00:00:00Z" };
    const living = { id: 22, label: "Silver" };
    const record = (values: JsonObject, updated = "2026-03-01T12:00:00Z") => ({
      update_time: updated,
      custom_fields: { [key("b")]: null, ...values },
    });
    /** Returns the reason why an existing row is not changed by the result for custom.X. */
    function doubted(entry: string, of: JsonObject, catalog = withOptions({ tier: [living, gone] })) {
      const before = withOptions({ tier: [{ id: 21, label: "Gold" }, living] });
      compile("organizations", entry, before);
      if (before.words !== undefined) catalog.words = before.words;
      const { mapping } = compile("organizations", entry, catalog);
      const { fields } = mapping.organizations.map(of, {});
      return fields.find(({ field }) => field === "custom.X")?.doubt;
    }
    const isEmpty = "its `Tier` is empty, and `Gold`, which the mapping names, was deleted in Pipedrive";
    const lost = "its `Tier` is empty, and its option `Gold` was deleted in Pipedrive";
    const receive = "direction: receive";

    it("a lookup that names it makes nothing certain of an empty field", () => {
      const lookup = `pipedrive: Tier, ${receive}, transform: [{lookup: {Gold: A, Silver: B}}]`;
      expect(doubted(lookup, record({}))).to.equal(isEmpty);
      expect(doubted(lookup, record({ [key("b")]: 22 }))).to.equal(undefined);
      const silver = `pipedrive: Tier, ${receive}, transform: [{lookup: {Silver: B}, otherwise: C}]`;
      expect(doubted(silver, record({}))).to.equal(undefined);
      expect(doubted(`pipedrive: Tier, ${receive}, transform: [{replace: {Gold: A}}]`, record({}))).to.equal(isEmpty);
    });

    it("whoever edits the record later than a day after it is believed", () => {
      const lookup = `pipedrive: Tier, ${receive}, transform: [{lookup: {Gold: A, Silver: B}}]`;
      expect(doubted(lookup, record({}, "2026-03-02T00:00:01Z"))).to.equal(undefined);
    });

    it("a field's own `when` says why it is not decided", () => {
      const cannot = "its `when` cannot be decided: ";
      const when = (condition: string) => `value: x, ${receive}, when: ${condition}`;
      expect(doubted(when("{field: Tier, present: false}"), record({}))).to.equal(cannot + lost);
      expect(doubted(when("{not: {field: Tier, is: Gold}}"), record({}))).to.equal(cannot + isEmpty);
      const held = record({ [key("b")]: 22 });
      expect(doubted(when("{field: Tier, present: true}"), held)).to.equal(undefined);
    });

    it("a default does not take the place of a field that is gone", () => {
      const entry = `pipedrive: Tier, ${receive}, transform: [{default: none}]`;
      const tierField = account.fields.organizations.find((field) => field.key === key("b"))!;
      const none = { fields: { deals: [], persons: [], organizations: [tierField] }, pipelines: [], stages: [] };
      const without: AccountCatalog = {
        ...account,
        fields: { ...account.fields, organizations: account.fields.organizations.filter((one) => one !== tierField) },
        gone: none,
      };
      expect(doubted(entry, { custom_fields: {} }, without)).to.equal("the field `Tier` was deleted in Pipedrive");
      expect(doubted(entry, record({}))).to.equal(undefined);
    });
  });
});
