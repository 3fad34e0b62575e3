import type { ComponentChildren } from "preact";
import type { RunAnswer } from "../../../connector/console/routes/runs.ts";
import { href } from "../../address.ts";
import { duration } from "../../now.ts";
import { RunState } from "../../parts/state.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { rowsChanged, runTitle, starter, tokensOf, took } from "../../run-facts.ts";
import { number } from "../../words.ts";

const columns: Column<RunAnswer>[] = [
  {
    name: "run",
    head: "Run",
    class: "id",
    cell: ({ run }) => (
      <a class="mono" href={href(`runs/${run}`)}>
        {run.slice(0, 8)}
      </a>
    ),
  },
  { name: "what", head: "What", names: true, cell: (run) => runTitle(run) },
  { name: "by", head: "Started by", class: "lo", cell: ({ started_by }) => starter(started_by) },
  { name: "rows", head: "Rows", class: "num", cell: (run) => number(rowsChanged(run)) },
  { name: "tokens", head: "Tokens", class: "num lo sd", cell: (run) => number(tokensOf(run) ?? 0) },
  {
    name: "took",
    head: "Took",
    class: "num lo",
    cell: (run) => {
      const seconds = took(run);
      return seconds === undefined ? "" : duration(seconds);
    },
  },
  { name: "when", head: "When", class: "num lo", cell: ({ started_at }) => <Time at={started_at} /> },
  { name: "status", head: "Status", cell: ({ status }) => <RunState status={status} /> },
];

/** Runs as a table, each a link to what it changed. */
export function RunsTable({
  runs,
  foot,
  long = false,
}: {
  runs: readonly RunAnswer[];
  foot?: ComponentChildren;
  long?: boolean;
}) {
  return (
    <Table
      caption="Runs"
      columns={columns}
      rows={runs}
      rowKey={({ run }) => run}
      rowClass={({ status }) => (status === "failed" ? "fail" : "")}
      foot={foot}
      long={long}
    />
  );
}
