import { useState } from "preact/hooks";
import type { RunAnswer } from "../../../connector/console/routes/runs.ts";
import type { UndoDetails, UndoSummary } from "../../../connector/sync/undo/undo-summary.ts";
import { post } from "../../acts.ts";
import { go, href } from "../../address.ts";
import { useDoing, useLoaded } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { Change } from "../../parts/change.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { Failed, Note, Show } from "../../parts/quiet.tsx";
import { count, large, modelName, number, rowsOf } from "../../words.ts";

/** A preview of an undo. */
interface Preview extends UndoSummary {
  details: UndoDetails;
}

/** The undo of a run, shown before it is done. */
export function Undo({ run: { run }, onClose }: { run: RunAnswer; onClose: () => void }) {
  const [created, setCreated] = useState(false);
  const [sent, setSent] = useState(false);
  const options = { created, sent };
  const preview = useLoaded(
    `undo ${run} ${created} ${sent}`,
    () => post<Preview>(`runs/${run}/undo/preview`, options),
    ["run"],
  );
  const { doing, failure, act } = useDoing();
  const found = preview.value;
  const all = found === undefined ? 0 : found.restored + found.removed + found.sent;
  const undo = () =>
    void act(async () => {
      const done = await post<{ run: string | null }>(`runs/${run}/undo`, options);
      go(href(done.run === null ? "runs" : `runs/${done.run}`));
    });
  return (
    <Drawer
      kick="Preview; nothing is done yet"
      title={found === undefined ? "Undo" : `Undo ${count(all, "change")}`}
      head={
        found !== undefined && (
          <p class="ink2">
            {found.kept.length === 0
              ? "Everything that the run wrote is still as it wrote it."
              : `${count(found.kept.length, "value")} changed again since, and ${found.kept.length === 1 ? "stays" : "stay"} as now.`}
          </p>
        )
      }
      onClose={onClose}
    >
      <section>
        <label class="opt">
          <input type="checkbox" checked={created} onChange={(event) => setCreated(event.currentTarget.checked)} />
          <span>
            <b>Remove the rows that it created</b>
          </span>
        </label>
        <label class="opt">
          <input type="checkbox" checked={sent} onChange={(event) => setSent(event.currentTarget.checked)} />
          <span>
            <b>Take back what it sent to Pipedrive</b>
          </span>
        </label>
      </section>
      <Show loaded={preview}>{(found) => <Effect found={found} />}</Show>
      <section>
        {failure !== undefined && <Failed failure={failure} />}
        {found !== undefined && found.restored > 0 && (
          <Note kind="w">
            The restored values are <b>held</b>: no sync changes them until Pipedrive says something else, or the
            mapping changes.
          </Note>
        )}
        <div class="row above">
          <Button look="pri" icon="undo" by="editor" busy={doing} off={all === 0} onPress={undo}>
            Undo {count(all, "change")}
          </Button>
          <Button onPress={onClose}>Leave {all === 1 ? "it" : "them"}</Button>
        </div>
        <p class="sub above">An undo is a run too: it can be undone.</p>
      </section>
    </Drawer>
  );
}

function Effect({ found: { restored, kept, removed, sent, details } }: { found: Preview }) {
  return (
    <>
      <section>
        <ul class="li">
          <Line name="Values restored" value={restored} />
          <Line name="Values that stay" value={kept.length} />
          {details.returned.map(({ model, rows }) => (
            <Line name={`${large(modelName(model))} rows that come back`} value={rows} key={model} />
          ))}
          <Line name="Rows removed" value={removed} />
          <Line name="Sent back to Pipedrive" value={sent} />
        </ul>
      </section>
      {details.first.length > 0 && (
        <section>
          <h3>Restored</h3>
          <ul class="li">
            {details.first.slice(0, 20).map(({ model, sourceId, field, from, to }) => (
              <li key={`${model} ${sourceId} ${field}`}>
                <Change field={`${modelName(model)} ${sourceId} ${field}`} from={from} to={to} />
              </li>
            ))}
          </ul>
          {restored > Math.min(20, details.first.length) && (
            <p class="sub">
              {details.updates
                .map(({ model, fields, rows }) => `${count(fields, "value")} of ${rowsOf(rows, model)}`)
                .join(", ")}{" "}
              in all.
            </p>
          )}
        </section>
      )}
      {kept.length > 0 && (
        <section>
          <h3>Stays as it is</h3>
          <ul class="li">
            {kept.slice(0, 20).map(({ model, source_id, field, because }) => (
              <li key={`${model} ${source_id} ${field}`}>
                <span class="mono">
                  {modelName(model)} {source_id} {field}
                </span>
                <span class="sub">{because}</span>
              </li>
            ))}
          </ul>
          {kept.length > 20 && <p class="sub">{number(kept.length - 20)} more.</p>}
        </section>
      )}
    </>
  );
}

function Line({ name, value }: { name: string; value: number }) {
  return (
    <li>
      {name}
      <span class="num">
        <b>{number(value)}</b>
      </span>
    </li>
  );
}
