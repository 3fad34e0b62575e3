import { useEffect, useState } from "preact/hooks";
import type { MatchAnswer, MatchSample } from "../../../connector/console/routes/matches.ts";
import { post } from "../../acts.ts";
import { may } from "../../api.ts";
import type { Edit } from "../../edits.ts";
import { type ApiFailure, failureOf } from "../../failure.ts";
import { Step } from "../../parts/outcome.tsx";
import { number, rowsOf } from "../../words.ts";
import { draft, inOrder } from "./draft.ts";

const pause = 250;

/** The values that a match would give to the rows, as one chooses: how many get one, and some with their companies. */
export function TriedMatch({
  stream,
  model,
  field,
  own,
}: {
  stream: string;
  model: string;
  field: string;
  /** The edit that is not in the draft yet. */
  own?: Edit;
}) {
  const [found, setFound] = useState<MatchAnswer>();
  const [failure, setFailure] = useState<ApiFailure>();
  const edits = inOrder(own === undefined ? draft.value : [...draft.value, own]);
  const key = JSON.stringify([stream, model, field, edits]);
  useEffect(() => {
    if (!may("operator")) return;
    let gone = false;
    const timer = setTimeout(async () => {
      try {
        const answer = await post<MatchAnswer>("match/try", { stream, model, field, edits });
        if (gone) return;
        setFound(answer);
        setFailure(undefined);
      } catch (error) {
        if (!gone) setFailure(failureOf(error));
      }
    }, pause);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [key]);
  if (failure !== undefined) return <p class="bad above pre">{failure.message}</p>;
  if (found === undefined || found.rows === 0) return null;
  return (
    <div aria-live="polite">
      <p class="sub above">{inWords(found, model)}</p>
      <ul class="smp">
        {found.samples.map((sample) => (
          <li key={sample.record}>
            <Sample sample={sample} /> <small>{sample.company ?? `record ${sample.record}`}</small>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Sample({ sample: { from, to } }: { sample: MatchSample }) {
  const same = JSON.stringify(from) === JSON.stringify(to);
  return (
    <b>
      {!same && (
        <>
          <Step step={{ step: "", result: from }} />{" "}
          <span class="dim" role="img" aria-label="becomes">
            →
          </span>{" "}
        </>
      )}
      <Step step={{ step: "", result: to }} />
    </b>
  );
}

function inWords({ rows, states: { present, null: cleared, empty, rejected } }: MatchAnswer, model: string): string {
  const become = cleared === 1 ? "1 becomes NULL" : `${number(cleared)} become NULL`;
  const stay = empty === 1 ? "1 is left as it is" : `${number(empty)} are left as they are`;
  return [
    `${number(present)} of ${rowsOf(rows, model)} ${present === 1 && rows === 1 ? "gets" : "get"} a value`,
    ...(cleared > 0 ? [become] : []),
    ...(empty > 0 ? [stay] : []),
    ...(rejected > 0 ? [`${number(rejected)} could not be stored`] : []),
  ].join(" · ");
}
