import { useState } from "preact/hooks";
import type { ConflictAnswer, ProblemsAnswer } from "../../../connector/console/routes/problems.ts";
import { post } from "../../acts.ts";
import { href } from "../../address.ts";
import { useDoing } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { Section } from "../../parts/page.tsx";
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
  { name: "take", head: "Now", cell: (one) => <Take one={one} /> },
];

/** The fields that both sides changed: both values, and which one won. */
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

/** The present state of a conflict, and the way to the other value, which both sides then have: asked again first. */
function Take({ one: { id, now, winner, ...sides } }: { one: ConflictAnswer }) {
  const [sure, setSure] = useState(false);
  const { doing, failure, act } = useDoing();
  const other = winner === "pipedrive" ? "planhat" : "pipedrive";
  if (now === "other") return <State kind="ok">The other one was taken</State>;
  if (now !== "won") return <span class="dim">changed since</span>;
  if (!sure)
    return (
      <Button look="sm" by="editor" busy={doing} onPress={() => setSure(true)}>
        Take {sideName(other)}’s…
      </Button>
    );
  return (
    <div class="stack gap">
      <p class="sub">
        Then both sides have <Value value={sides[other]} />.
      </p>
      <div class="row">
        <Button look="sm" onPress={() => setSure(false)}>
          Leave it
        </Button>
        <Button
          look="sm risk"
          by="editor"
          busy={doing}
          onPress={() => void act(() => post(`conflicts/${id}/take`)).then((done) => done && setSure(false))}
        >
          Take {sideName(other)}’s
        </Button>
      </div>
      {failure !== undefined && <p class="bad">{failure.message}</p>}
    </div>
  );
}

function sideName(side: "pipedrive" | "planhat"): string {
  return side === "pipedrive" ? "Pipedrive" : "Planhat";
}

function Side({ one, side }: { one: ConflictAnswer; side: "pipedrive" | "planhat" }) {
  const won = one.winner === side;
  const value = <Value value={one[side]} />;
  return (
    <>
      {won ? <b>{value}</b> : <del class="dim">{value}</del>}
      <br />
      {won ? <State kind="ok">Won</State> : <State kind="off">Lost</State>}
    </>
  );
}
