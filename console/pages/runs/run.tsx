import type { ChangeAnswer, RunAnswer } from "../../../connector/console/routes/runs.ts";
import { href, param, setParams } from "../../address.ts";
import { api, body, may } from "../../api.ts";
import { useLoaded } from "../../load.ts";
import { duration } from "../../now.ts";
import { Button } from "../../parts/button.tsx";
import { Changes } from "../../parts/change.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Empty, Note, Show } from "../../parts/quiet.tsx";
import { RunState } from "../../parts/state.tsx";
import { type Column, Pager, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { changesInWords, rowsChanged, runTitle, starter, tokensOf, took } from "../../run-facts.ts";
import { count, large, modelName, number, rowsOf, streamOfRow } from "../../words.ts";
import { Undo } from "./undo.tsx";

/** One run: who started it, what it changed, and its undo. */
export function Run({ parts: [id = ""] }: { parts: string[] }) {
  const run = useLoaded(`run ${id}`, () => body(api.runs[":run"].$get({ param: { run: id } })), ["run"]);
  const found = run.value;
  const undoing = param("undo") !== undefined;
  const short = id.slice(0, 8);
  return (
    <Page
      of={run}
      title={found === undefined ? `Run ${short}` : runTitle(found)}
      tab={`Run ${short}`}
      kick={
        <>
          <a href={href("runs")}>Runs</a> / {short}
        </>
      }
      sentence={found === undefined ? undefined : <Sentence run={found} />}
      command={undoing ? `undo ${short}` : `runs ${short}`}
      actions={
        found !== undefined && found.changes_kept !== "none" && rowsChanged(found) > 0 && found.finished_at !== null ? (
          <Button icon="undo" by="editor" onPress={() => setParams({ undo: "1" })}>
            Undo…
          </Button>
        ) : undefined
      }
    >
      <Show loaded={run}>
        {(run) => (
          <>
            <Facts run={run} />
            {run.error !== null && (
              <Note kind="b">
                <b>It failed.</b> <span class="pre">{run.error}</span>
              </Note>
            )}
            <div class="split">
              <Section title="Changes" about={`${count(rowsChanged(run), "row")}`}>
                <ChangesOf run={run} />
              </Section>
              {undoing && may("editor") && <Undo run={run} onClose={() => setParams({ undo: undefined })} />}
            </div>
          </>
        )}
      </Show>
    </Page>
  );
}

function Sentence({ run }: { run: RunAnswer }) {
  if (run.finished_at === null) return <>It runs; what it changes appears here when it is done.</>;
  const words = changesInWords(run);
  return (
    <>
      {words.length === 0 ? (
        "It changed nothing."
      ) : (
        <>
          <b>{words.join(", ")}</b>.
        </>
      )}{" "}
      {run.changes_kept === "none" && "What it changed is not kept any more: it cannot be undone."}
    </>
  );
}

function Facts({ run }: { run: RunAnswer }) {
  const seconds = took(run);
  const tokens = tokensOf(run);
  return (
    <dl class="facts about">
      <div>
        <dt class="sub">Started by</dt>
        <dd>{large(starter(run.started_by))}</dd>
      </div>
      <div>
        <dt class="sub">At</dt>
        <dd>
          <Time at={run.started_at} />
        </dd>
      </div>
      <div>
        <dt class="sub">Took</dt>
        <dd>
          {seconds === undefined ? "still running" : duration(seconds)}
          {tokens === undefined ? "" : tokens === 0 ? ", no API token" : `, ${count(tokens, "API token")}`}
        </dd>
      </div>
      {run.undoes !== null && (
        <div>
          <dt class="sub">Undoes</dt>
          <dd>
            <a class="mono" href={href(`runs/${run.undoes}`)}>
              {run.undoes.slice(0, 8)}
            </a>
          </dd>
        </div>
      )}
      <div>
        <dt class="sub">Status</dt>
        <dd>
          <RunState status={run.status} />
        </dd>
      </div>
    </dl>
  );
}

const columns: Column<ChangeAnswer>[] = [
  {
    name: "row",
    head: "Row",
    class: "id",
    cell: (change) => <RowLink change={change} />,
  },
  { name: "name", head: "Name", class: "lo cut", cell: ({ name }) => name ?? <span class="none">–</span> },
  { name: "change", head: "Change", cell: (change) => <What change={change} /> },
];

function RowLink({ change: { model, source_id, row_id } }: { change: ChangeAnswer }) {
  const stream = streamOfRow(model, source_id);
  const name = `${modelName(model)} ${source_id ?? row_id ?? ""}`;
  return stream === undefined ? <span>{name}</span> : <a href={href(`explain/${stream}/${source_id}`)}>{name}</a>;
}

function What({ change }: { change: ChangeAnswer }) {
  const { action, model, fields, row_id, last_row_id } = change;
  if (last_row_id !== undefined) return <>created, {rowsOf(Number(last_row_id) - Number(row_id) + 1, model)}</>;
  if (action === "update" || action === "send") return <Changes fields={fields} />;
  const names = Object.keys(fields);
  if (action === "create") return <>created{names.length > 0 && `, ${count(names.length, "field")}`}</>;
  if (action === "remove") return <>removed, with {count(names.length, "value")} that an undo brings back</>;
  return <>published to Planhat{names.length > 0 && <Changes fields={fields} />}</>;
}

function ChangesOf({ run }: { run: RunAnswer }) {
  const after = param("after");
  const loaded = useLoaded(
    `changes ${run.run} ${after}`,
    () => body(api.runs[":run"].changes.$get({ param: { run: run.run }, query: after === undefined ? {} : { after } })),
    ["run"],
  );
  return (
    <Show loaded={loaded} rows={10}>
      {({ changes, next }) =>
        changes.length === 0 ? (
          <Empty title={run.finished_at === null ? "Nothing has changed yet" : "It changed no row"} icon="check">
            {run.changes_kept === "none"
              ? "Or what it changed is not kept any more."
              : "Everything was as Pipedrive has it."}
          </Empty>
        ) : (
          <Table
            caption="Changes"
            columns={columns}
            rows={changes}
            rowKey={({ id }) => id}
            long
            foot={
              <Pager
                shown={changes.length}
                of={undefined}
                next={next}
                what={`in the order of writing, of ${number(rowsChanged(run))} rows`}
              />
            }
          />
        )
      }
    </Show>
  );
}
