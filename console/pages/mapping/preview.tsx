import { useEffect, useState } from "preact/hooks";
import type { RecordPreview } from "../../../connector/sync/inspect/preview-record.ts";
import { post } from "../../acts.ts";
import { param, setParams } from "../../address.ts";
import type { ApiFailure } from "../../failure.ts";
import { failureOf } from "../../failure.ts";
import { Outcome } from "../../parts/outcome.tsx";
import { Section } from "../../parts/page.tsx";
import { Failed } from "../../parts/quiet.tsx";
import { Scroll } from "../../parts/table.tsx";
import { modelName, reasonName, streamName } from "../../words.ts";

const pause = 300;

/** One record mapped by what stands in the editor, field by field, as one types. */
export function Preview({
  stream,
  files,
  broken,
}: {
  stream: string;
  files: readonly { file: string; text: string }[];
  broken: boolean;
}) {
  const id = param("record") ?? "";
  const [found, setFound] = useState<RecordPreview>();
  const [failure, setFailure] = useState<ApiFailure>();
  const key = JSON.stringify([stream, id, files]);
  useEffect(() => {
    setFailure(undefined);
    if (!/^\d+$/.test(id)) setFound(undefined);
    if (!/^\d+$/.test(id) || broken) return;
    let gone = false;
    const timer = setTimeout(async () => {
      try {
        const preview = await post<RecordPreview>("mapping/preview", { stream, id: Number(id), files });
        if (!gone) setFound(preview);
      } catch (error) {
        if (!gone) setFailure(failureOf(error));
      }
    }, pause);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [key, broken]);
  return (
    <Section
      title="Try a record"
      about={broken ? "Waits until the errors are gone." : "It is mapped by what stands here; nothing is written."}
    >
      <label class="lab below">
        Id of a {streamName(stream)}
        <input
          type="text"
          inputMode="numeric"
          value={id}
          onInput={(event) => setParams({ record: event.currentTarget.value.trim() }, "replace")}
        />
      </label>
      {failure !== undefined && <Failed failure={failure} />}
      {found !== undefined && failure === undefined && <Mapped found={found} />}
    </Section>
  );
}

function Mapped({ found }: { found: RecordPreview }) {
  const { skipped, waiting, model, action, refused, fields, moved_from: from } = found;
  const words = {
    create: "would be created",
    update: "would be updated",
    unchanged: "would stay as it is",
    refuse: "would be rejected",
  };
  return (
    <>
      <p class="below">
        {skipped !== null ? (
          <b>It would not sync: {reasonName(skipped)}.</b>
        ) : (
          <b>
            Its {modelName(model)} {words[action as keyof typeof words] ?? action}
            {from !== null && `, and the ${modelName(from)} goes`}.
          </b>
        )}{" "}
        {waiting} {refused !== null && <span class="bad">{`${refused.field}: ${refused.reason}`}</span>}
      </p>
      <div class="box">
        <Scroll label="Fields of the record">
          <table>
            <caption class="sr">Fields of the record</caption>
            <thead>
              <tr>
                <th scope="col">Planhat</th>
                <th scope="col" class="lo">
                  Pipedrive
                </th>
                <th scope="col">Value</th>
              </tr>
            </thead>
            <tbody>
              {fields.map(({ field, sources, result, steps }) => (
                <tr key={`${field} ${sources.join()}`}>
                  <th scope="row">{field.replace(/^custom\./, "")}</th>
                  <td class="lo">{sources.length === 0 ? <span class="dim">constant</span> : sources.join(", ")}</td>
                  <td>
                    <Outcome result={result} steps={steps} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </div>
    </>
  );
}
