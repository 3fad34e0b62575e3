import type { Difference } from "../../../connector/sync/audit/differences.ts";
import type { ModelAudit, StreamAudit } from "../../../connector/sync/audit/run-audit.ts";
import { post } from "../../acts.ts";
import { base, href } from "../../address.ts";
import { send } from "../../api.ts";
import { useDoing, useLoaded } from "../../load.ts";
import { duration } from "../../now.ts";
import { Button } from "../../parts/button.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Empty, Failed, Note, Show } from "../../parts/quiet.tsx";
import { State } from "../../parts/state.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { useProgress } from "../../run-line.tsx";
import { count, large, modelName, number } from "../../words.ts";

/** The result of an audit, as `audit --json` prints it. */
interface AuditResult {
  complete: boolean;
  seconds: number;
  requests: { count: number; tokens: number };
  streams: Record<string, StreamAudit>;
  models: Record<string, ModelAudit>;
  count: number;
  unexplained: number;
  differences: Difference[];
  error?: { message: string; hint?: string };
}

/** The audit of the console: whether one goes on, and the last one. */
interface AuditState {
  running: boolean;
  last: { at: string; by: string; result: AuditResult } | null;
}

/** The audit: proves that nothing is missing, or says what is and why. */
export function Audit() {
  const loaded = useLoaded("audit", async () => (await send(`${base}api/audit`)).json() as Promise<AuditState>, [
    "audit",
    "run",
  ]);
  const { doing, failure, act } = useDoing();
  const progress = useProgress();
  const running = loaded.value?.running === true;
  return (
    <Page
      of={loaded}
      title="Audit"
      command="audit"
      sentence={loaded.value === undefined ? undefined : <Sentence found={loaded.value} />}
      actions={
        <Button
          look="pri"
          by="operator"
          busy={doing || running}
          onPress={() =>
            void act(async () => {
              await post("audit");
              loaded.again();
            })
          }
        >
          {running ? "Comparing…" : "Compare now"}
        </Button>
      }
    >
      {failure !== undefined && <Failed failure={failure} />}
      {running && (
        <Note>
          Pipedrive's lists are read and compared with the tables
          {progress?.done !== undefined && `: ${number(progress.done)} records so far`}. Nothing is written. You may
          leave this page.
        </Note>
      )}
      <Show loaded={loaded}>
        {({ last }) =>
          last === null ? (
            <Empty title="No audit yet" icon="page">
              It reads every list of Pipedrive, compares it with the tables (and Planhat, where it is configured), and
              gives a reason for each difference.
            </Empty>
          ) : (
            <Result result={last.result} />
          )
        }
      </Show>
    </Page>
  );
}

function Sentence({ found: { last, running } }: { found: AuditState }) {
  if (last === null) return <>{running ? "The first audit goes on." : "Nothing has been compared yet."}</>;
  const { result, at, by } = last;
  return (
    <>
      {result.unexplained === 0 && result.complete ? (
        <>
          <b>Nothing is missing:</b>{" "}
          {result.count === 0 ? "everything agrees" : `each of ${count(result.count, "difference")} has its reason`}
        </>
      ) : (
        <>
          <b>{count(result.unexplained, "difference")} without a reason</b>
          {!result.complete && ", and not everything could be read"}
        </>
      )}
      , <Time at={at} />, for {by}; it took {duration(result.seconds)} and {count(result.requests.tokens, "API token")}.
    </>
  );
}

function Result({ result }: { result: AuditResult }) {
  return (
    <>
      {result.error !== undefined && (
        <Note kind="b">
          {result.error.message} {result.error.hint}
        </Note>
      )}
      <div class="cols half">
        <Section title="Pipedrive and the landing">
          <Table
            caption="Streams"
            columns={streamColumns}
            rows={Object.entries(result.streams)}
            rowKey={([stream]) => stream}
          />
        </Section>
        <Section title="The landing and the rows">
          <Table
            caption="Models"
            columns={modelColumns}
            rows={Object.entries(result.models).filter(([, { expected, rows }]) => expected + rows > 0)}
            rowKey={([model]) => model}
          />
        </Section>
      </div>
      <Section title="Differences" about={`${count(result.count, "difference")}, those without a reason first`}>
        {result.differences.length === 0 ? (
          <Empty title="Everything agrees">Every record and every row is where it belongs.</Empty>
        ) : (
          <Table
            caption="Differences"
            columns={differenceColumns}
            rows={groupsOf(result.differences).slice(0, mostShown)}
            rowKey={({ key }) => key}
            rowClass={({ reason }) => (reason === unexplained ? "fail" : "")}
            long
          />
        )}
      </Section>
    </>
  );
}

const unexplained = "unexplained";
const mostShown = 200;
const fewIds = 12;

const streamColumns: Column<[string, StreamAudit]>[] = [
  { name: "stream", head: "Stream", names: true, cell: ([stream]) => large(stream.replaceAll("_", " ")) },
  {
    name: "pipedrive",
    head: "Pipedrive",
    class: "num",
    cell: ([, { pipedrive }]) => (pipedrive === null ? "not read" : number(pipedrive)),
  },
  { name: "landed", head: "Landed", class: "num", cell: ([, { landed }]) => number(landed) },
  { name: "eligible", head: "Eligible", class: "num lo", cell: ([, { eligible }]) => number(eligible) },
  { name: "rows", head: "Rows", class: "num", cell: ([, { rows }]) => number(rows) },
  { name: "state", head: "State", cell: ([, counts]) => <Counts counts={counts} /> },
];

const modelColumns: Column<[string, ModelAudit]>[] = [
  { name: "model", head: "Model", names: true, cell: ([model]) => large(modelName(model)) },
  { name: "expected", head: "Expected", class: "num", cell: ([, { expected }]) => number(expected) },
  { name: "rows", head: "Rows", class: "num", cell: ([, { rows }]) => number(rows) },
  {
    name: "planhat",
    head: "Planhat",
    class: "num lo",
    cell: ([, { planhat }]) => (planhat === undefined ? "–" : planhat === null ? "not read" : number(planhat)),
  },
  { name: "state", head: "State", cell: ([, counts]) => <Counts counts={counts} /> },
];

function Counts({ counts: { differences, unexplained } }: { counts: { differences: number; unexplained: number } }) {
  if (unexplained > 0) return <State kind="bad">{number(unexplained)} without a reason</State>;
  if (differences > 0) return <State kind="ok">{number(differences)}, each with its reason</State>;
  return <State kind="ok">Agrees</State>;
}

interface Group {
  key: string;
  place: string;
  isStream: boolean;
  kind: string;
  reason: string;
  fields: string[];
  ids: (string | number)[];
}

/** Returns the differences with those that are equal but for their ids as one; those without a reason first. */
function groupsOf(differences: readonly Difference[]): Group[] {
  const groups = new Map<string, Group>();
  for (const difference of differences) {
    const isStream = "stream" in difference;
    const place = isStream ? difference.stream : difference.model;
    const { kind, reason, fields = [], id } = difference;
    const key = JSON.stringify([place, kind, reason, fields]);
    const group = groups.get(key) ?? { key, place, isStream, kind, reason, fields, ids: [] };
    if (id !== null) group.ids.push(id);
    groups.set(key, group);
  }
  return [...groups.values()].sort(
    (one, other) =>
      Number(other.reason === unexplained) - Number(one.reason === unexplained) || other.ids.length - one.ids.length,
  );
}

const differenceColumns: Column<Group>[] = [
  {
    name: "place",
    head: "Where",
    names: true,
    cell: ({ place, isStream }) => (isStream ? large(place.replaceAll("_", " ")) : large(modelName(place))),
  },
  { name: "count", head: "Records", class: "num", cell: ({ ids }) => number(ids.length) },
  {
    name: "kind",
    head: "What",
    cell: ({ kind, fields }) =>
      `${large(kind.replaceAll("_", " "))}${fields.length > 0 ? `: ${fields.join(", ")}` : ""}`,
  },
  { name: "reason", head: "Reason", cell: ({ reason }) => (reason === unexplained ? <b class="bad">none</b> : reason) },
  {
    name: "ids",
    head: "Ids",
    class: "lo",
    cell: ({ ids, place, isStream }) => (
      <>
        {ids.slice(0, fewIds).map((id, index) => (
          <span key={id}>
            {index > 0 && ", "}
            {isStream && typeof id === "number" ? (
              <a class="mono" href={href(`explain/${place}/${id}`)}>
                {id}
              </a>
            ) : (
              id
            )}
          </span>
        ))}
        {ids.length > fewIds && ` and ${number(ids.length - fewIds)} more`}
      </>
    ),
  },
];
