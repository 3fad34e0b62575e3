import type { FieldsAnswer, SettingsAnswer } from "../../../connector/console/routes/settings.ts";
import { may } from "../../api.ts";
import type { Edit } from "../../edits.ts";
import { Button } from "../../parts/button.tsx";
import { Section } from "../../parts/page.tsx";
import { large, modelName } from "../../words.ts";
import { edit, editOf, forget, valueAt } from "./draft.ts";
import { Setting, SeveralSetting } from "./fields.tsx";
import type { MappingDocument } from "./stream.tsx";

const statuses = [
  ["won", "Won"],
  ["open", "Open"],
  ["lost", "Lost"],
] as const;

const dates: readonly string[] = ["local_won_date", "won_time", "close_time", "expected_close_date", "add_time"];

/** The rules by which a deal syncs: pipeline, status and start date; and which model it becomes. */
export function DealRules({
  found,
  file,
  document,
  fields,
}: {
  found: SettingsAnswer;
  file: string;
  document: MappingDocument;
  fields: FieldsAnswer["fields"];
}) {
  const chosenPipelines = ((valueAt(file, ["pipelines"], document) as (string | number)[] | undefined) ?? []).map(
    String,
  );
  const chosenStatuses = (valueAt(file, ["statuses"], document) as string[] | undefined) ?? ["won"];
  const written = valueAt(file, ["start_date"], document) as string | string[] | undefined;
  const startDates = written === undefined ? [] : [written].flat();
  const dateFields = [...fields.filter(({ type }) => type === "date").map(({ label, key }) => label ?? key), ...dates];
  const setDates = (next: string[]) => edit(file, ["start_date"], next);
  return (
    <Section title="Which deals sync" class="gaps">
      <div class="box">
        <SeveralSetting
          name="Pipelines"
          about={
            chosenPipelines.length === 0
              ? "None is ticked: deals of every pipeline sync."
              : "Rows of other pipelines stay as they are, and are told as kept."
          }
          of={found.pipelines.map(({ name, id }) => [chosenPipelines.includes(String(id)) ? String(id) : name, name])}
          chosen={chosenPipelines}
          onChoose={(values) =>
            edit(
              file,
              ["pipelines"],
              values.map((value) => (/^\d+$/.test(value) ? Number(value) : value)),
            )
          }
        />
        <SeveralSetting
          name="Statuses"
          of={statuses}
          chosen={chosenStatuses}
          onChoose={(values) => edit(file, ["statuses"], values)}
        />
        <Setting name="Start date" about="The first of these that holds a valid date.">
          <ol class="stack ticks">
            {startDates.map((one, index) => (
              <li class="row nowrap" key={index}>
                <select
                  aria-label={`Start date, place ${index + 1}`}
                  disabled={!may("editor")}
                  value={one}
                  onChange={(event) => setDates(startDates.with(index, event.currentTarget.value))}
                >
                  {[...new Set([one, ...dateFields])].map((name) => (
                    <option value={name} key={name}>
                      {name}
                    </option>
                  ))}
                </select>
                <Button
                  look="bare"
                  by="editor"
                  icon="close"
                  off={startDates.length < 2}
                  onPress={() => setDates(startDates.toSpliced(index, 1))}
                >
                  <span class="sr">Remove {one}</span>
                </Button>
              </li>
            ))}
            <li>
              <Button
                look="sm"
                by="editor"
                icon="plus"
                onPress={() =>
                  setDates([dateFields.find((name) => !startDates.includes(name)) ?? "won_time", ...startDates])
                }
              >
                Another field first
              </Button>
            </li>
          </ol>
        </Setting>
        <Setting name="What a deal becomes" about="The first rule that holds is taken.">
          <ol class="stack ticks">
            {(document.models ?? []).map(({ model = "", when }, index) => (
              <li key={index} class="row">
                <Rule model={model} when={when} removed={editOf(file, ["models", index])} />
                {when !== undefined && editOf(file, ["models", index]) === undefined && (
                  <Button look="bare" by="editor" icon="close" onPress={() => edit(file, ["models", index], undefined)}>
                    <span class="sr">Remove the rule of {modelName(model)}</span>
                  </Button>
                )}
              </li>
            ))}
          </ol>
          <SaleRule file={file} document={document} fields={fields} />
        </Setting>
      </div>
    </Section>
  );
}

function Rule({ model, when, removed }: { model: string; when: unknown; removed: Edit | undefined }) {
  const words = (
    <>
      <b>{large(modelName(model))}</b>{" "}
      <span class="ink2">{when === undefined ? "otherwise" : `where ${conditionInWords(when)}`}</span>
    </>
  );
  if (removed === undefined) return words;
  return (
    <>
      <del class="dim">{words}</del>
      <Button look="sm" onPress={() => forget(removed)}>
        Keep the rule
      </Button>
    </>
  );
}

/** Returns a condition of a mapping in words. */
function conditionInWords(when: unknown): string {
  if (typeof when !== "object" || when === null) return String(when);
  const { field, ...rest } = when as Record<string, unknown>;
  return `${field === undefined ? "" : `${String(field)} `}${Object.entries(rest)
    .map(
      ([word, value]) =>
        `${word} ${Array.isArray(value) ? value.join(" or ") : typeof value === "object" ? JSON.stringify(value) : String(value)}`,
    )
    .join(", ")}`;
}

const saleFields = [
  { planhat: "_currency", pipedrive: "currency" },
  { planhat: "salesDate", pipedrive: "$start_date" },
  { planhat: "value", pipedrive: "value" },
  { planhat: "product", value: "One-off" },
];

/** Adds the rule that makes deals with one option of a field sales. */
function SaleRule({
  file,
  document,
  fields,
}: {
  file: string;
  document: MappingDocument;
  fields: FieldsAnswer["fields"];
}) {
  const made = (document.models ?? []).map(({ model }) => model);
  const added = editOf(file, ["models", "+"]);
  const rule = (added?.value as { when?: { field?: string; in?: string[] } } | undefined)?.when;
  const choices = fields.flatMap(({ label, key, options }) =>
    (options ?? []).map((option) => ({ field: label ?? key, option: option.label })),
  );
  if (document.models === undefined || made.some((model) => model === "sale" || model === "deal")) return null;
  const value = rule?.field === undefined ? "" : JSON.stringify([rule.field, rule.in?.[0]]);
  return (
    <label class="lab above">
      Deals become sales where
      <select
        disabled={!may("editor")}
        value={value}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          if (added !== undefined) forget(added);
          if (chosen === "") return;
          const [field, option] = JSON.parse(chosen) as [string, string];
          edit(file, ["models", "+"], { model: "sale", when: { field, in: [option] }, fields: saleFields });
        }}
      >
        <option value="">no rule: every deal is a {modelName(document.models.at(-1)?.model ?? "license")}</option>
        {choices.map(({ field, option }) => (
          <option value={JSON.stringify([field, option])} key={`${field} ${option}`}>
            {field} is {option}
          </option>
        ))}
      </select>
    </label>
  );
}
