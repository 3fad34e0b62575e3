import { readFileSync } from "node:fs";
import { expect } from "chai";
import { editYaml, type YamlEdit } from "../../connector/console/edit-yaml.ts";
import { packageRoot } from "../../connector/package-root.ts";

const shipped = (name: string) => readFileSync(`${packageRoot}mappings/${name}`, "utf8");

/** Returns the lines that are only in one of two texts, with `-` and `+`. */
function difference(before: string, after: string): string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ];
}

const odd = `# A comment at the top.
stream:   organizations   # padded by hand
model: company
fields:
- {planhat: name, pipedrive: name}   # flow, no indent


- planhat: "city"
  pipedrive: 'address.locality'
  # why: the old system had it
  direction: receive
`;

const cases: { name: string; text: string; edits: YamlEdit[]; lines: string[] }[] = [
  {
    name: "a direction changes one line of the shipped file",
    text: shipped("organizations.yaml"),
    edits: [{ path: ["direction"], value: "none" }],
    lines: [...shipped("organizations.yaml").matchAll(/^direction: .*$/gm)]
      .map(([line]) => `- ${line}`)
      .concat([
        shipped("organizations.yaml")
          .match(/^direction: .*$/m)![0]
          .replace(/^(direction: )\w+/, "+ $1none"),
      ]),
  },
  {
    name: "a custom match is added as a person would type it",
    text: shipped("organizations.yaml"),
    edits: [
      {
        path: ["fields", "-"],
        value: { planhat: "custom.Tier", pipedrive: "Tier", transform: ["trim", { round: 0 }] },
      },
    ],
    lines: ["+   - planhat: custom.Tier", "+     pipedrive: Tier", "+     transform: [trim, {round: 0}]"],
  },
  {
    name: "pipelines and a rule are added on one line each",
    text: "stream: deals\npipelines: []   # every one\nmodels:\n  - model: license\n    fields:\n      - planhat: name\n        pipedrive: title\n",
    edits: [
      { path: ["pipelines"], value: ["Sales", "Renewals"] },
      { path: ["models", 0, "when"], value: { field: "Deal type", in: ["One-off"] } },
    ],
    lines: [
      "- pipelines: []   # every one",
      "+ pipelines: [Sales, Renewals] # every one",
      "+     when: {field: Deal type, in: [One-off]}",
    ],
  },
  {
    name: "a comment beside a changed value stays in its column, if the value leaves room",
    text: shipped("deals.yaml"),
    edits: [
      { path: ["pipelines"], value: ["Sales"] },
      { path: ["statuses"], value: ["open", "won", "lost"] },
    ],
    lines: [
      ...[...shipped("deals.yaml").matchAll(/^(?:pipelines|statuses): .*$/gm)].map(([line]) => `- ${line}`),
      "+ pipelines: [Sales]            # names or ids, such as [Sales, 3]; none selected: every pipeline",
      "+ statuses: [open, won, lost]   # [open, won] and so on for a CRM-style sync",
    ],
  },
  {
    name: "what a person padded, quoted and left blank stays in a file of another style",
    text: odd,
    edits: [{ path: ["fields", 1, "direction"], value: "both" }],
    lines: ["-   direction: receive", "+   direction: both"],
  },
  {
    name: "a removed entry takes its own lines only",
    text: odd,
    edits: [{ path: ["fields", 0] }],
    lines: ["- - {planhat: name, pipedrive: name}   # flow, no indent"],
  },
];

describe("a change of a YAML file in the console", () => {
  for (const { name, text, edits, lines } of cases) {
    it(name, () => {
      expect(difference(text, editYaml("file.yaml", text, edits))).to.deep.equal(lines);
    });
  }

  it("a rule before the first stands above that one's comment", () => {
    const text = "models:\n  # every other\n  - model: license\n";
    const edits = [{ path: ["models", "+"], value: { model: "none" } }];
    expect(editYaml("deals.yaml", text, edits)).to.equal(
      "models:\n  - model: none\n  # every other\n  - model: license\n",
    );
  });

  it("without a change, every file comes out byte for byte", () => {
    for (const name of ["organizations.yaml", "persons.yaml", "notes.yaml", "deals.yaml"])
      expect(editYaml(name, shipped(name), []), name).to.equal(shipped(name));
    expect(editYaml("odd.yaml", odd, [])).to.equal(odd);
  });

  it("a path that leads nowhere, and a text that is no YAML, are told", () => {
    expect(() => editYaml("deals.yaml", "a: 1\n", [{ path: ["b", 3] }])).to.throw(
      "deals.yaml cannot be changed at b.3",
    );
    expect(() => editYaml("deals.yaml", "a: [1\n", [{ path: ["a"], value: 2 }])).to.throw(
      "deals.yaml is no valid YAML",
    );
  });
});
