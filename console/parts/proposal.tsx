import { type EditContent, type Effect, type EffectChange, type Proposed, propose, save } from "../edits.ts";
import { useDoing, useLoaded } from "../load.ts";
import { count, modelName, number, rowsOf } from "../words.ts";
import { Button } from "./button.tsx";
import { Changes } from "./change.tsx";
import { Diff } from "./diff.tsx";
import { Drawer } from "./drawer.tsx";
import { Failed, Note, Show } from "./quiet.tsx";
import { State } from "./state.tsx";
import { type Column, Table } from "./table.tsx";

/** A change of the files, shown with its effect on the rows before anything is written. */
export function Proposal({
  content,
  hashes,
  onClose,
  onSaved,
}: {
  content: EditContent;
  hashes?: Readonly<Record<string, string>>;
  onClose: () => void;
  onSaved: (run: string | null) => void;
}) {
  const proposed = useLoaded(`proposal ${JSON.stringify(content)}`, () => propose(content));
  const { doing, failure, act } = useDoing();
  const found = proposed.value;
  const errors = found?.problems.filter(({ severity }) => severity === "error") ?? [];
  const held = found?.effect?.held ?? [];
  const known = hashes ?? Object.fromEntries(found?.files.map(({ file, hash }) => [file, hash]) ?? []);
  const put = (yes: boolean) =>
    void act(async () => {
      const { run } = await save(content, known, yes);
      onSaved(run);
    });
  return (
    <Drawer
      kick="Nothing is written yet"
      title={found === undefined ? "What would change" : titleOf(found)}
      onClose={onClose}
    >
      <Show loaded={proposed} rows={8}>
        {(found) => (
          <>
            <section class="gaps">
              {found.files.map(({ file, before, after }) => (
                <div key={file}>
                  <h3>{file}</h3>
                  <Diff file={file} before={before} after={after} />
                </div>
              ))}
              {found.files.length === 0 && <p>The files say this already.</p>}
            </section>
            {found.problems.length > 0 && (
              <section class="gaps">
                {found.problems.map((problem) => (
                  <Note
                    kind={problem.severity === "error" ? "b" : "w"}
                    key={`${problem.file} ${problem.line} ${problem.message}`}
                  >
                    <span class="pre">
                      {problem.file}, line {problem.line}: {problem.message} {problem.hint}
                    </span>
                  </Note>
                ))}
              </section>
            )}
            {found.effect !== null && <EffectOnRows effect={found.effect} />}
          </>
        )}
      </Show>
      <section class="gaps">
        {failure !== undefined && <Failed failure={failure} />}
        {held.map(({ what, count: items }) => (
          <Note kind="w" key={what}>
            <b>Needs your consent:</b> {what} ({number(items)}). Saved without it, the next run does everything else and
            waits.
          </Note>
        ))}
        {found?.files.some(({ writable }) => !writable) && <Patch found={found} />}
        <div class="row">
          <Button
            look="pri"
            by="editor"
            busy={doing}
            off={found === undefined || errors.length > 0 || found.files.length === 0}
            onPress={() => put(false)}
          >
            Save {found === undefined ? "" : count(found.files.length, "file")}
          </Button>
          {held.length > 0 && (
            <Button look="risk" by="editor" busy={doing} off={errors.length > 0} onPress={() => put(true)}>
              Save, and agree to {number(held.reduce((sum, one) => sum + one.count, 0))}
            </Button>
          )}
          <Button onPress={onClose}>Go back</Button>
        </div>
        <p class="sub">The file before is kept beside it. The next run maps every row again.</p>
      </section>
    </Drawer>
  );
}

function titleOf({ effect, files }: Proposed): string {
  if (effect === null) return files.length === 0 ? "Nothing changes" : "Save the change";
  const rows = Object.values(effect.models).reduce((sum, counts) => sum + changed(counts), 0);
  return rows === 0 ? "It changes no row" : `It changes ${count(rows, "row")}`;
}

function changed(counts: Readonly<Record<string, number>>): number {
  return Object.entries(counts).reduce((sum, [what, value]) => (what === "unchanged" ? sum : sum + value), 0);
}

const columns: Column<EffectChange>[] = [
  { name: "row", head: "Row", class: "id", cell: ({ model, source_id }) => `${modelName(model)} ${source_id}` },
  {
    name: "change",
    head: "Change",
    cell: ({ action, fields, name }) => (
      <>
        {action !== "update" && <b>{action} </b>}
        {name}
        <Changes fields={fields} />
      </>
    ),
  },
];

function EffectOnRows({ effect }: { effect: Effect }) {
  const lines = Object.entries(effect.models).flatMap(([model, counts]) =>
    Object.entries(counts)
      .filter(([what, value]) => value > 0 && what !== "unchanged")
      .map(([what, value]) => ({ key: `${model} ${what}`, text: `${rowsOf(value, model)} ${what}` })),
  );
  return (
    <section>
      <h3>Effect on the rows</h3>
      <ul class="li">
        {lines.length === 0 && <li>No row changes.</li>}
        {lines.map(({ key, text }) => (
          <li key={key}>{text}</li>
        ))}
        {effect.rejections > 0 && (
          <li>
            <State kind="bad">{count(effect.rejections, "record")} could not be stored</State>
          </li>
        )}
      </ul>
      {effect.changes.length > 0 && (
        <Table
          caption="The first changes"
          columns={columns}
          rows={effect.changes.slice(0, 20)}
          rowKey={({ model, source_id, action }) => `${model} ${source_id} ${action}`}
        />
      )}
    </section>
  );
}

function Patch({ found }: { found: Proposed }) {
  const shut = found.files.filter(({ writable }) => !writable);
  return (
    <Note kind="w">
      {shut.map(({ file }) => file).join(", ")} cannot be written from here. Copy the new text:
      {shut.map(({ file, after }) => (
        <textarea aria-label={`New text of ${file}`} readOnly key={file}>
          {after}
        </textarea>
      ))}
    </Note>
  );
}
