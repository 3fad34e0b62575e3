import type { ConflictAnswer, ProblemsAnswer } from "../../../connector/console/routes/problems.ts";
import { post } from "../../acts.ts";
import { href } from "../../address.ts";
import { useDoing } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { Section } from "../../parts/page.tsx";
import { Failed } from "../../parts/quiet.tsx";
import { State } from "../../parts/state.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { Value } from "../../parts/value.tsx";
import { number } from "../../words.ts";

const columns: Column<ConflictAnswer>[] = [
  {
    name: "record",
    head: "Company",
    names: true,
    cell: ({ stream, record_id, name }) => (
      <a class="t" href={href(`explain/${stream}/${record_id}`)}>
        {name ?? record_id}
      </a>
    ),
  },
  { name: "field", head: "Field", class: "lo", cell: ({ field }) => <code>{field}</code> },
  {
    name: "base",
    head: "Before",
    class: "lo sd",
    cell: ({ base }) => (
      <span class="ink2">
        <Value value={base} />
      </span>
    ),
  },
  { name: "pipedrive", head: "Pipedrive", cell: (one) => <Side one={one} side="pipedrive" /> },
  { name: "planhat", head: "Planhat", cell: (one) => <Side one={one} side="planhat" /> },
  { name: "since", head: "When", class: "num lo", cell: ({ since }) => <Time at={since} /> },
];

/** The fields that both sides changed: both values, which one won, and taking the other one instead. */
export function Conflicts({ found: { count, latest } }: { found: ProblemsAnswer["conflicts"] }) {
  return (
    <Section
      title="Conflicts"
      about={
        <>
          Both sides changed one field, and <code>prefer</code> of the mapping decided.
          {count > latest.length && ` The newest ${number(latest.length)} of ${number(count)}.`}
        </>
      }
    >
      <Table caption="Conflicts" columns={columns} rows={latest} rowKey={({ id }) => id} />
    </Section>
  );
}

function Side({ one, side }: { one: ConflictAnswer; side: "pipedrive" | "planhat" }) {
  const { doing, failure, act } = useDoing();
  const won = one.winner === side;
  if (won)
    return (
      <>
        <b>
          <Value value={one[side]} />
        </b>
        <br />
        <State kind="ok">Won</State>
      </>
    );
  return (
    <>
      <del class="dim">
        <Value value={one[side]} />
      </del>
      <div class="row">
        <State kind="off">Lost</State>
        <Button
          look="sm"
          by="editor"
          busy={doing}
          onPress={() => void act(() => post(`conflicts/${one.id}/take`, { side }))}
        >
          Take it instead
        </Button>
      </div>
      {failure !== undefined && <Failed failure={failure} />}
    </>
  );
}
