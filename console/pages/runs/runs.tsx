import { param, setParams } from "../../address.ts";
import { api, body } from "../../api.ts";
import { useLoaded } from "../../load.ts";
import { Page } from "../../parts/page.tsx";
import { Empty, Show } from "../../parts/quiet.tsx";
import { StartButtons } from "../../parts/start-run.tsx";
import { Pager } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { runTitle, starter } from "../../run-facts.ts";
import { runName } from "../../run-line.tsx";
import { RunsTable } from "./runs-table.tsx";

const statuses = ["running", "succeeded", "partial", "held", "failed"];
const modes = ["full", "incremental", "company", "remap", "undo"];

/** The runs: who started what, and what came of it. */
export function Runs() {
  const status = param("status");
  const mode = param("mode");
  const before = param("after");
  const loaded = useLoaded(
    `runs ${status} ${mode} ${before}`,
    () =>
      body(
        api.runs.$get({
          query: {
            ...(status === undefined ? {} : { status: [status] }),
            ...(mode === undefined ? {} : { mode: [mode] }),
            ...(before === undefined ? {} : { before }),
          },
        }),
      ),
    ["run"],
  );
  const newest = loaded.value?.runs[0];
  return (
    <Page
      of={loaded}
      title="Runs"
      command="runs"
      sentence={
        loaded.value === undefined ? undefined : newest === undefined ? (
          "No run fits."
        ) : (
          <>
            The newest is <b>{runTitle(newest)}</b>, started by {starter(newest.started_by)}{" "}
            <Time at={newest.started_at} />. Each can be looked at, and taken back.
          </>
        )
      }
      actions={<StartButtons running={null} />}
    >
      <div class="row">
        <Choice label="Status" name="status" of={statuses} word={(one) => one} />
        <Choice label="Kind" name="mode" of={modes} word={runName} />
      </div>
      <Show loaded={loaded}>
        {({ runs, next }) =>
          runs.length === 0 ? (
            <Empty title={(status ?? mode) ? "No run fits these filters" : "No run yet"} icon="clock">
              Every sync, undo and remap appears here with what it changed.
            </Empty>
          ) : (
            <RunsTable
              runs={runs}
              long
              foot={<Pager shown={runs.length} of={undefined} next={next} what="newest first" />}
            />
          )
        }
      </Show>
    </Page>
  );
}

function Choice({
  label,
  name,
  of,
  word,
}: {
  label: string;
  name: string;
  of: readonly string[];
  word(one: string): string;
}) {
  const now = param(name);
  return (
    <>
      <span class="sub" id={`filter-${name}`}>
        {label}
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: chips, not fields of a form */}
      <span class="row" role="group" aria-labelledby={`filter-${name}`}>
        {of.map((one) => (
          <button
            type="button"
            class="chip"
            aria-pressed={now === one}
            key={one}
            onClick={() => setParams({ [name]: now === one ? undefined : one, after: undefined, shown: undefined })}
          >
            {word(one)}
          </button>
        ))}
      </span>
    </>
  );
}
