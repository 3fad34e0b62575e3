import { useEffect, useState } from "preact/hooks";
import type { FirstFilesAnswer } from "../../../connector/console/routes/first-hour.ts";
import { href } from "../../address.ts";
import { api, body } from "../../api.ts";
import { useLoaded } from "../../load.ts";
import { Section } from "../../parts/page.tsx";
import { Failed, Note } from "../../parts/quiet.tsx";
import { State } from "../../parts/state.tsx";
import { changesInWords } from "../../run-facts.ts";
import { RunLine, useProgress } from "../../run-line.tsx";
import { StateWord } from "../../shell.tsx";
import { number } from "../../words.ts";

/** The first Fetch All, live, and then the state that it leaves. */
export function Fetching({ written, onEnd }: { written: FirstFilesAnswer; onEnd: () => void }) {
  const progress = useProgress();
  const state = useLoaded("state", () => body(api.state.$get()), ["run", "state", "problems"]);
  const runs = useLoaded("runs", () => body(api.runs.$get({ query: {} })), ["run", "state"]);
  const [stages, setStages] = useState<Readonly<Record<string, number>>>({});
  useEffect(() => {
    const { stage, done } = progress ?? {};
    if (stage !== undefined) setStages((before) => ({ ...before, [stage]: done ?? 0 }));
  }, [progress]);
  const run = runs.value?.runs[0];
  const ended = run !== undefined && run.status !== "running";
  return (
    <>
      <RunLine running={state.value?.running ?? null} />
      <div class="cols">
        <Section title="Fetch All" about="You can leave this page; the run goes on.">
          <ul class="li box pad" aria-live="polite">
            {Object.entries(stages).map(([stage, done]) => (
              <li key={stage}>
                {stage}
                <span class="num">{number(done)} records</span>
              </li>
            ))}
            {!ended && Object.keys(stages).length === 0 && <li>It begins.</li>}
            {ended && (
              <li>
                <StateWord state={state} />
                <span class="r">{changesInWords(run).join(", ")}</span>
              </li>
            )}
          </ul>
          {runs.failure !== undefined && <Failed failure={runs.failure} again={runs.again} />}
          {ended && (
            <p class="row above">
              <a class="btn pri" href={href("")} onClick={onEnd}>
                Go to the overview
              </a>
            </p>
          )}
          {ended && run.status === "failed" && <Note kind="b">{run.error}</Note>}
        </Section>
        <section class="box pad" aria-labelledby="written">
          <h2 id="written">Written</h2>
          <ul class="li">
            {[...written.files, ...written.mappings].map(({ file, action }) => (
              <li key={file}>
                <code>{file}</code>
                <span class="r">
                  <State kind="ok">{action}</State>
                </span>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </>
  );
}
