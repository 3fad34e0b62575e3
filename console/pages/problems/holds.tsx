import { useState } from "preact/hooks";
import type { HoldAnswer, ProblemsAnswer } from "../../../connector/console/routes/problems.ts";
import { post } from "../../acts.ts";
import { href } from "../../address.ts";
import { useDoing } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { Change } from "../../parts/change.tsx";
import { Section } from "../../parts/page.tsx";
import { Failed, Note } from "../../parts/quiet.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { count, modelName, number } from "../../words.ts";

const columns: Column<HoldAnswer>[] = [
  { name: "row", head: "Row", class: "id", cell: ({ model, source_id }) => `${modelName(model)} ${source_id}` },
  { name: "name", head: "Name", class: "lo cut", cell: ({ name }) => name ?? "" },
  {
    name: "value",
    head: "Not taken from Pipedrive → stays",
    cell: ({ field, taken, restored }) =>
      field === null ? "the whole row" : <Change field={field} from={taken} to={restored} />,
  },
  {
    name: "run",
    head: "Undo",
    class: "lo",
    cell: ({ run }) =>
      run === null ? (
        ""
      ) : (
        <a class="mono" href={href(`runs/${run}`)}>
          {run.slice(0, 8)}
        </a>
      ),
  },
  { name: "since", head: "Since", class: "num lo", cell: ({ since }) => <Time at={since} /> },
];

/** The values that an undo took back, and that no sync changes. */
export function Holds({ found: { count: all, latest } }: { found: ProblemsAnswer["holds"] }) {
  const [sure, setSure] = useState(false);
  const { doing, failure, act } = useDoing();
  const release = () => void act(() => post("holds/release", { all: true }));
  return (
    <Section title="Holds" about="Values that an undo took back." class="gaps">
      <Note
        action={
          sure ? (
            <span class="row">
              <Button onPress={() => setSure(false)}>Keep them held</Button>
              <Button look="risk" by="editor" busy={doing} onPress={release}>
                Release {count(all, "value")}
              </Button>
            </span>
          ) : (
            <Button by="editor" onPress={() => setSure(true)}>
              Release {count(all, "value")}…
            </Button>
          )
        }
      >
        <b>{count(all, "value")}</b> {all === 1 ? "is" : "are"} held: no sync changes {all === 1 ? "it" : "them"} until
        Pipedrive says something else, or the mapping changes.
      </Note>
      {failure !== undefined && <Failed failure={failure} />}
      <Table
        caption="Holds"
        columns={columns}
        rows={latest}
        rowKey={({ id }) => id}
        foot={
          all > latest.length ? (
            <div class="pager">
              The newest {number(latest.length)} of {number(all)}
            </div>
          ) : undefined
        }
      />
    </Section>
  );
}
