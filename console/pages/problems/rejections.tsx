import { useState } from "preact/hooks";
import type { ProblemsAnswer, RejectionsAnswer } from "../../../connector/console/routes/problems.ts";
import { post } from "../../acts.ts";
import { href } from "../../address.ts";
import { api, body } from "../../api.ts";
import { useDoing, useLoaded } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Failed, Show } from "../../parts/quiet.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { Value } from "../../parts/value.tsx";
import { large, number, recordsOf, streamName } from "../../words.ts";

type Rejection = RejectionsAnswer["rejections"][number];
type ReasonGroup = ProblemsAnswer["rejections"]["groups"][number];

const shownAtFirst = 3;
const shownMore = 100;

/** Rejections with one cause: retry them, or dismiss them with a word. */
export function Group({ group: { stream, reason, count } }: { group: ReasonGroup }) {
  const [limit, setLimit] = useState(shownAtFirst);
  const [dismissing, setDismissing] = useState(false);
  const { doing, failure, act } = useDoing();
  const loaded = useLoaded(
    `rejections ${stream} ${reason} ${limit}`,
    () => body(api.rejections.$get({ query: { stream, group: reason, limit } })),
    ["run", "problems"],
  );
  const what = recordsOf(count, stream);
  const example = loaded.value?.rejections.find(({ record_id }) => record_id !== null)?.record_id ?? undefined;
  return (
    <article class="box">
      <div class="pad row start">
        <Icon name="warning" class="bad" />
        <div class="grow">
          <h3>
            {what}: {reason}
          </h3>
          {/no company|organization …/.test(reason) && (
            <p class="ink2">
              They go in when their company does: restore the organization in Pipedrive, or use a token that may see it.
            </p>
          )}
          {/lookup|required|transform|value/.test(reason) && !reason.includes("no company") && (
            <p class="ink2">
              The mapping cannot take these values.{" "}
              <a href={href(`mapping/${stream}`, { record: example?.toString() })}>Mend the mapping</a>
              {example !== undefined && `, with ${streamName(stream)} ${example} beside it`}; saving it tries them
              again.
            </p>
          )}
        </div>
      </div>
      <Show loaded={loaded} rows={3}>
        {({ rejections }) => <Inside rejections={rejections} stream={stream} />}
      </Show>
      {failure !== undefined && <Failed failure={failure} />}
      <div class="pager">
        {count > limit && (
          <button type="button" class="link" onClick={() => setLimit(shownMore)}>
            {number(Math.min(count, shownMore) - limit)} more
          </button>
        )}
        {dismissing ? (
          <Dismiss
            what={what}
            busy={doing}
            onClose={() => setDismissing(false)}
            onDismiss={(word) =>
              void act(() => post("rejections/dismiss", { stream, group: reason, ...(word === "" ? {} : { word }) }))
            }
          />
        ) : (
          <span class="r row">
            <Button by="operator" busy={doing} onPress={() => setDismissing(true)}>
              Dismiss {number(count)}…
            </Button>
            <Button
              by="operator"
              busy={doing}
              onPress={() => void act(() => post("rejections/retry", { stream, group: reason }))}
            >
              Retry {what}
            </Button>
          </span>
        )}
      </div>
    </article>
  );
}

function Dismiss({
  what,
  busy,
  onClose,
  onDismiss,
}: {
  what: string;
  busy: boolean;
  onClose: () => void;
  onDismiss: (word: string) => void;
}) {
  const [word, setWord] = useState("");
  return (
    <form
      class="row r grow"
      onSubmit={(event) => {
        event.preventDefault();
        onDismiss(word.trim());
      }}
    >
      <input
        type="text"
        class="grow"
        aria-label="Why they are dismissed"
        placeholder="Why? A word for who comes after you"
        value={word}
        onInput={(event) => setWord(event.currentTarget.value)}
      />
      <Button onPress={onClose}>Leave them</Button>
      <Button type="submit" look="pri" by="operator" busy={busy}>
        Dismiss {what}
      </Button>
    </form>
  );
}

function Inside({ rejections, stream }: { rejections: readonly Rejection[]; stream: string }) {
  const columns: Column<Rejection>[] = [
    {
      name: "record",
      head: large(streamName(stream)),
      class: "id",
      cell: ({ record_id }) =>
        record_id === null ? (
          "without id"
        ) : (
          <a class="mono" href={href(`explain/${stream}/${record_id}`)}>
            {record_id}
          </a>
        ),
    },
    { name: "name", head: "Name", class: "lo cut", cell: ({ name }) => <Value value={name ?? undefined} /> },
    {
      name: "field",
      head: "Field",
      class: "lo",
      cell: ({ field }) => (field === null ? <span class="dim nw">the whole row</span> : <code>{field}</code>),
    },
    {
      name: "reason",
      head: "Cause",
      cell: ({ reason, value }) => (
        <>
          {reason}
          {value !== null && (
            <>
              {": "}
              <b>
                <Value value={value} />
              </b>
            </>
          )}
        </>
      ),
    },
    { name: "since", head: "Since", class: "num", cell: ({ since }) => <Time at={since} /> },
  ];
  return <Table caption={`Rejected ${stream}`} columns={columns} rows={rejections} rowKey={({ id }) => id} bare />;
}
