import { useEffect, useState } from "preact/hooks";
import type { SettingsAnswer } from "../../../connector/console/routes/settings.ts";
import type { Problem } from "../../../connector/problem.ts";
import { post } from "../../acts.ts";
import { go, href, param, setParams } from "../../address.ts";
import { api, body, may } from "../../api.ts";
import type { Saved } from "../../edits.ts";
import { failureOf } from "../../failure.ts";
import { useLoaded } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Proposal } from "../../parts/proposal.tsx";
import { Empty, Note, Show } from "../../parts/quiet.tsx";
import { SavedNote } from "../../parts/saved.tsx";
import { State } from "../../parts/state.tsx";
import { byStream, count } from "../../words.ts";
import { ShippedMapping } from "../settings/shipped.tsx";
import { CodeEditor, type Place } from "./code-editor.tsx";
import { Preview } from "./preview.tsx";

const pause = 60;

/** The mapping itself: the files as they are, checked as one types, tried on a record, and their effect on all rows. */
export function Mapping({ parts: [stream] }: { parts: string[] }) {
  const loaded = useLoaded("settings", () => body(api.settings.$get()), ["settings"]);
  return (
    <Show loaded={loaded} rows={12}>
      {(found) => <Files found={found} stream={stream} again={loaded.again} />}
    </Show>
  );
}

function Files({ found, stream, again }: { found: SettingsAnswer; stream: string | undefined; again: () => void }) {
  const { folder, shipped, problems: onDisk } = found.mappings;
  const files = [...found.mappings.files].sort(byStream);
  const chosen = files.find((file) => file.stream === stream) ?? files[0];
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [problems, setProblems] = useState<readonly Problem[]>(onDisk);
  const [place, setPlace] = useState<Place>();
  const [saved, setSaved] = useState<Saved>();
  const changed = files.filter((file) => texts[file.file] !== undefined && texts[file.file] !== file.text);
  const key = JSON.stringify(changed.map(({ file }) => [file, texts[file]]));
  useEffect(() => {
    if (key === "[]") {
      setProblems(onDisk);
      return;
    }
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const answer = await post<{ problems: Problem[] }>("mapping/check", {
          files: JSON.parse(key).map(([file, text]: [string, string]) => ({ file, text })),
        });
        if (!stop.signal.aborted) setProblems(answer.problems);
      } catch (error) {
        const { message } = failureOf(error);
        if (!stop.signal.aborted)
          setProblems([{ severity: "error", file: chosen?.file ?? "", line: 1, column: 1, message }]);
      }
    }, pause);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [key, onDisk]);
  useEffect(() => {
    if (changed.length === 0) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [changed.length === 0]);
  // What was typed and stands in the file now is no change any more.
  useEffect(() => {
    setTexts((before) =>
      Object.fromEntries(
        Object.entries(before).filter(([name, text]) => files.find(({ file }) => file === name)?.text !== text),
      ),
    );
  }, [found]);
  const errors = problems.filter(({ severity }) => severity === "error");
  if (chosen === undefined)
    return (
      <Page title="Mapping" sentence={`There is no mapping file in ${folder}.`} command="mapping init">
        <Empty title="No mapping file" icon="code" />
      </Page>
    );
  const reviewing = param("review") !== undefined && changed.length > 0;
  return (
    <Page
      title="Mapping"
      command="mapping check"
      sentence={
        errors.length > 0 ? (
          <>
            <b>{count(errors.length, "error")}</b>: no sync starts with {errors.length === 1 ? "it" : "them"}.
          </>
        ) : changed.length > 0 ? (
          <>
            <b>{count(changed.length, "file")} changed</b>, and without an error. Nothing is saved yet.
          </>
        ) : (
          <>What stands in {folder} is without an error, and is what the next run maps by.</>
        )
      }
    >
      <div class="tabs" role="tablist" aria-label="Mapping files">
        {files.map((file) => (
          <button
            type="button"
            role="tab"
            aria-selected={file === chosen}
            key={file.file}
            onClick={() => go(href(`mapping/${file.stream ?? ""}`))}
          >
            {file.file.split("/").at(-1)}
            {texts[file.file] !== undefined && texts[file.file] !== file.text && <span class="n">changed</span>}
          </button>
        ))}
      </div>
      {shipped && <ShippedMapping found={found} />}
      {saved !== undefined && changed.length === 0 && <SavedNote saved={saved} />}
      <div class="cols half">
        <div class="stack">
          <CodeEditor
            key={chosen.file}
            label={`The mapping file ${chosen.file}`}
            text={texts[chosen.file] ?? chosen.text}
            onDisk={texts[chosen.file] === undefined ? chosen.text : undefined}
            readOnly={!may("editor") || shipped}
            problems={problems.filter(({ file }) => file === chosen.file)}
            stream={chosen.stream ?? "deals"}
            settings={found}
            place={place}
            onChange={(next) => setTexts((before) => ({ ...before, [chosen.file]: next }))}
          />
          {!may("editor") && <Note>You may read the mapping; an editor changes it.</Note>}
          {!shipped && !chosen.writable && (
            <Note kind="w">This file cannot be written here: the change is offered as a patch.</Note>
          )}
        </div>
        <div class="stack">
          {reviewing ? (
            <Proposal
              content={{ texts: changed.map(({ file }) => ({ file, text: texts[file]! })) }}
              hashes={Object.fromEntries(changed.map(({ file, hash }) => [file, hash]))}
              onClose={() => setParams({ review: undefined })}
              onSaved={(told) => {
                setSaved(told);
                setParams({ review: undefined });
                again();
              }}
            />
          ) : (
            <>
              <Problems problems={problems} onGo={setPlace} here={chosen.file} />
              <Preview
                stream={chosen.stream ?? "deals"}
                files={changed.map(({ file }) => ({ file, text: texts[file]! }))}
                broken={errors.length > 0}
              />
            </>
          )}
        </div>
      </div>
      {changed.length > 0 && !reviewing && (
        <div class="savebar">
          <span class="grow">Changed: {changed.map(({ file }) => file.split("/").at(-1)).join(", ")}</span>
          <Button onPress={() => setTexts({})}>Take the changes back</Button>
          <Button look="pri" by="editor" off={errors.length > 0} onPress={() => setParams({ review: "1" })}>
            Review and save…
          </Button>
        </div>
      )}
    </Page>
  );
}

function Problems({
  problems,
  here,
  onGo,
}: {
  problems: readonly Problem[];
  here: string;
  onGo: (place: Place) => void;
}) {
  if (problems.length === 0)
    return (
      <Section title="Check">
        <State kind="ok">No error and no warning</State>
      </Section>
    );
  return (
    <Section title="Check" about={count(problems.length, "problem")}>
      <ul class="box todo">
        {problems.slice(0, 50).map((problem) => (
          <li key={`${problem.file} ${problem.line} ${problem.column} ${problem.message}`}>
            <div>
              <State kind={problem.severity === "error" ? "bad" : "wait"}>
                {problem.severity === "error" ? "Error" : "Warning"}
              </State>{" "}
              {problem.file === here ? (
                <button type="button" class="link" onClick={() => onGo({ line: problem.line, column: problem.column })}>
                  line {problem.line}
                </button>
              ) : (
                <span class="sub">
                  {problem.file}, line {problem.line}
                </span>
              )}
              <p class="pre">{problem.message}</p>
              {problem.hint !== undefined && <p class="sub pre">{problem.hint}</p>}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
