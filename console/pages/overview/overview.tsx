import type { OverviewAnswer } from "../../../connector/console/routes/overview.ts";
import { href } from "../../address.ts";
import { api, body } from "../../api.ts";
import { useLoaded } from "../../load.ts";
import { Icon } from "../../parts/icon.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Note, Show } from "../../parts/quiet.tsx";
import { StartButtons } from "../../parts/start-run.tsx";
import { State } from "../../parts/state.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { byStream, count, directionName, large, modelName, number, rowsOf } from "../../words.ts";
import { RunsTable } from "../runs/runs-table.tsx";
import { Plots } from "./plots.tsx";

/** The overview: is everything in order. */
export function Overview() {
  const loaded = useLoaded("overview", () => body(api.overview.$get()), ["run", "problems", "settings", "state"]);
  const plots = useLoaded("plots", () => body(api.plots.$get()), ["run"]);
  const runs = useLoaded("last runs", () => body(api.runs.$get({ query: { limit: 6 } })), ["run"]);
  return (
    <Page
      of={loaded}
      title="Overview"
      command="status"
      sentence={loaded.value === undefined ? undefined : <Sentence found={loaded.value} />}
      actions={<StartButtons running={loaded.value?.state.running ?? null} />}
    >
      <Show loaded={loaded}>
        {(found) => (
          <>
            <Faults found={found} />
            <Waiting found={found} />
            <Section title="Freshness" about={<Coming found={found} />}>
              <Table
                caption="Freshness per stream"
                columns={columns(found)}
                rows={[...found.streams].sort(byStream)}
                rowKey={(one) => one.stream}
              />
            </Section>
          </>
        )}
      </Show>
      {plots.value !== undefined && <Plots found={plots.value} />}
      <Section title="Last runs" aside={<a href={href("runs")}>All runs</a>}>
        <Show loaded={runs}>{({ runs }) => <RunsTable runs={runs} />}</Show>
      </Section>
    </Page>
  );
}

/** The sentence that is true now: what agrees, what waits, what fails. */
function Sentence({ found: { state, streams } }: { found: OverviewAnswer }) {
  if (state.word === "never")
    return (
      <>
        Nothing has run yet. <b>Fetch All</b> brings what the mapping takes from Pipedrive.
      </>
    );
  const deals = streams.find(({ stream }) => stream === "deals");
  const rows = deals?.models.filter(({ rows }) => rows > 0) ?? [];
  const companies = streams.find(({ stream }) => stream === "organizations")?.models[0]?.rows ?? 0;
  const shown =
    rows.length > 0 ? rows.map(({ model, rows }) => rowsOf(rows, model)).join(" and ") : rowsOf(companies, "company");
  return (
    <>
      {state.failing === null ? (
        <>
          <b>{shown}</b> agree with what was last read from Pipedrive
        </>
      ) : (
        <>
          <b>Runs fail</b> since <Time at={state.failing.since} />; {shown} stand as they were
        </>
      )}
      {state.rejections > 0 && (
        <>
          ; <b>{count(state.rejections, "record")}</b> could not be stored
        </>
      )}
      {state.waiting > 0 ? (
        <>
          ; <b>{count(state.waiting, "decision")}</b> {state.waiting === 1 ? "waits" : "wait"} for you.
        </>
      ) : (
        "."
      )}
    </>
  );
}

function Faults({ found: { state, status, health, mapping_error } }: { found: OverviewAnswer }) {
  const problems = [...new Set([...status.problems, ...health.problems])];
  return (
    <>
      {state.failing !== null && (
        <Note
          kind="b"
          action={
            <a class="btn" href={href(`runs/${state.failing.run}`)}>
              Look at the run
            </a>
          }
        >
          <b>The last run failed.</b> <span class="pre">{state.failing.error ?? ""}</span>
        </Note>
      )}
      {mapping_error !== null && (
        <Note
          kind="b"
          action={
            <a class="btn" href={href("mapping")}>
              Mend the mapping
            </a>
          }
        >
          <b>The mapping has errors; no sync starts.</b>
          <pre class="pre">{mapping_error}</pre>
        </Note>
      )}
      {problems.map((problem) => (
        <Note kind="w" key={problem}>
          {problem}
        </Note>
      ))}
    </>
  );
}

function Waiting({ found: { status } }: { found: OverviewAnswer }) {
  if (status.held.length === 0) return null;
  return (
    <Section title="Waiting for you" about="Everything else of each run is done.">
      <ul class="box todo">
        {status.held.map((held) => (
          <li key={held.what}>
            <Icon name="pause" class="wait" />
            <div>
              <b>{large(held.what)}</b>
              <p>{held.remedy}</p>
            </div>
            <span class="sub">
              since <Time at={held.since} />
            </span>
            <a class="btn" href={href("problems")}>
              Review {number(held.count)}
            </a>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Coming({ found: { schedule, webhook } }: { found: OverviewAnswer }) {
  return (
    <>
      {webhook === null ? "No webhook: changes come by the schedule" : "Changes of deals come by webhook"};{" "}
      {schedule === null ? (
        "no schedule is set."
      ) : (
        <>
          the schedule is <code>{schedule}</code>.
        </>
      )}
    </>
  );
}

type Stream = OverviewAnswer["streams"][number];

function columns({ status }: OverviewAnswer): Column<Stream>[] {
  const known = <Values extends object>(values: Values, stream: string) => values[stream as keyof Values];
  return [
    { name: "stream", head: "Stream", names: true, cell: ({ stream }) => large(stream.replaceAll("_", " ")) },
    { name: "direction", head: "Direction", class: "lo", cell: ({ direction }) => directionName(direction) },
    { name: "landed", head: "Landed", class: "num lo", cell: ({ landed }) => number(landed) },
    {
      name: "model",
      head: "Model",
      class: "lo",
      cell: ({ models }) => models.map(({ model }) => large(modelName(model))).join(", ") || "–",
    },
    {
      name: "rows",
      head: "Rows",
      class: "num",
      cell: ({ models }) => models.map(({ rows }) => number(rows)).join(" + ") || "–",
    },
    {
      name: "newest",
      head: "Newest change",
      class: "num lo sd",
      cell: ({ stream }) => <Time at={known(status.freshness, stream) ?? null} none="none" />,
    },
    { name: "read", head: "Read", class: "num lo", cell: ({ stream }) => <Time at={known(status.read, stream)?.at} /> },
    { name: "state", head: "State", cell: (one) => <StreamState one={one} read={known(status.read, one.stream)} /> },
  ];
}

function StreamState({ one, read }: { one: Stream; read: { at: string | null; complete: boolean } | undefined }) {
  if (one.direction === "none") return <State kind="off">None</State>;
  if (one.rejections > 0)
    return (
      <State kind="bad" href={href("problems", { stream: one.stream })}>
        {number(one.rejections)} rejected
      </State>
    );
  if (read !== undefined && read.at === null) return <State kind="off">Not read yet</State>;
  if (read !== undefined && !read.complete) return <State kind="wait">Incomplete</State>;
  return <State kind="ok">In order</State>;
}
