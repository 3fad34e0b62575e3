import type { ExplainedField, Explanation } from "../../../connector/sync/inspect/explain-record.ts";
import { href } from "../../address.ts";
import { Outcome, Step } from "../../parts/outcome.tsx";
import { Empty } from "../../parts/quiet.tsx";
import { State } from "../../parts/state.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Value } from "../../parts/value.tsx";
import { directionName, large, modelName, number, reasonName } from "../../words.ts";

type Rule = Explanation["rules"][number];

const ruleNames: Readonly<Record<string, string>> = {
  direction_none: "Direction",
  deleted: "Not deleted",
  not_won: "Status",
  pipeline_not_selected: "Pipeline",
  no_organization: "Organization",
  no_start_date: "Start date",
  archived: "Not archived",
  not_associated: "An eligible deal",
  not_enabled: "Enabled",
};

/** The rules with their verdicts and the values that decided. */
export function Rules({ found: { rules } }: { found: Explanation }) {
  if (rules.length === 0)
    return (
      <Empty title="No rule could be judged" icon="info">
        Pipedrive has no such record, or the token's user may not see it.
      </Empty>
    );
  const columns: Column<Rule>[] = [
    {
      name: "verdict",
      head: "Verdict",
      cell: ({ holds }) =>
        holds ? (
          <State kind="ok">Holds</State>
        ) : (
          <State kind="bad" icon="cross">
            Fails
          </State>
        ),
    },
    { name: "rule", head: "Rule", names: true, cell: ({ reason }) => ruleNames[reason] ?? large(reasonName(reason)) },
    { name: "because", head: "This record", cell: ({ because, holds }) => (holds ? because : <b>{because}</b>) },
  ];
  return (
    <Table
      caption="Rules"
      columns={columns}
      rows={rules}
      rowKey={({ reason }) => reason}
      rowClass={({ holds }) => (holds ? "" : "fail")}
    />
  );
}

/** The deals that may bring a record which is none. */
export function Ways({ found: { ways } }: { found: Explanation }) {
  return (
    <ul class="box pad li">
      {ways.map((way) => (
        <li key={`${way.by} ${way.id}`}>
          <span>
            {way.by === "deal"
              ? "The deal it is on"
              : way.by === "organization"
                ? `Of organization ${way.id}`
                : `With person ${way.id}`}
            :
          </span>
          {way.deals.length === 0 && <span class="dim">no deal</span>}
          {way.deals.slice(0, 20).map(({ id, reason }) => (
            <span key={id}>
              <a class="mono" href={href(`explain/deals/${id}`)}>
                {id}
              </a>{" "}
              <span class="dim">{reason === null ? "eligible" : reasonName(reason)}</span>
            </span>
          ))}
          {way.deals.length > 20 && <span class="dim">{number(way.deals.length - 20)} more</span>}
        </li>
      ))}
    </ul>
  );
}

/** Returns what the table of fields shows, in a sentence. */
export function fieldsTitle({ eligible, model, row }: Explanation): string {
  const what = model === null ? "row" : modelName(model);
  if (row !== null) return `What the ${what} takes from Pipedrive.`;
  return eligible ? `What the ${what} will hold.` : `What the ${what} would hold if it were synced now.`;
}

/** Each field with its value there, its transforms, and what it is or would be in the row. */
export function Fields({ found }: { found: Explanation }) {
  const columns: Column<ExplainedField>[] = [
    { name: "planhat", head: "Planhat", names: true, cell: ({ field }) => field.replace(/^custom\./, "") },
    {
      name: "pipedrive",
      head: "Pipedrive",
      class: "lo",
      cell: ({ sources }) => (sources.length === 0 ? <span class="dim">constant</span> : sources.join(", ")),
    },
    { name: "there", head: "Value there", cell: ({ steps }) => <Step step={steps[0]} /> },
    {
      name: "transforms",
      head: "Transforms",
      class: "lo",
      cell: ({ steps }) => (
        <>
          {steps.slice(1).map(({ step }) => (
            <code key={step}>{step} </code>
          ))}
        </>
      ),
    },
    ...(found.fields.every(({ direction }) => direction === "receive")
      ? []
      : [
          {
            name: "direction",
            head: "Direction",
            class: "lo sd",
            cell: ({ direction }: ExplainedField) => directionName(direction),
          },
        ]),
    {
      name: "row",
      head: found.row === null ? "Would become" : "In the row",
      cell: ({ result, steps, row }) => (
        <Outcome result={result} steps={steps} {...(found.row === null ? {} : { row: { value: row } })} />
      ),
    },
  ];
  const foot = (
    <div class="pager">
      <span>
        <b class="ink2">31,500</b> a value
      </span>
      <span>
        <Value value={null} /> somebody cleared it: is written
      </span>
      <span>
        <Value value={undefined} /> empty, no value was defined: the row stays as it is
      </span>
    </div>
  );
  return (
    <Table
      caption="Fields"
      columns={columns}
      rows={found.fields}
      rowKey={(field) => `${field.field} ${field.sources.join()}`}
      foot={foot}
    />
  );
}
