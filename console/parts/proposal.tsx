import { type EditContent, type Proposed, propose, type Saved, save } from "../edits.ts";
import { useDoing, useLoaded } from "../load.ts";
import { count, number } from "../words.ts";
import { Button } from "./button.tsx";
import { Diff } from "./diff.tsx";
import { Drawer } from "./drawer.tsx";
import { EffectOnRows } from "./effect.tsx";
import { Patch } from "./patch.tsx";
import { Failed, Note, Show } from "./quiet.tsx";

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
  onSaved: (saved: Saved) => void;
}) {
  const proposed = useLoaded(`proposal ${JSON.stringify(content)}`, () => propose(content));
  const { doing, failure, act } = useDoing();
  const found = proposed.value;
  const errors = found?.problems.filter(({ severity }) => severity === "error") ?? [];
  const held = found?.effect?.held ?? [];
  const shut = found?.files.filter(({ writable }) => !writable) ?? [];
  const unfit = found === undefined || errors.length > 0 || found.files.length === 0 || shut.length > 0;
  const known = hashes ?? Object.fromEntries(found?.files.map(({ file, hash }) => [file, hash]) ?? []);
  const put = (yes: boolean) =>
    void act(async () => {
      onSaved(await save(content, known, yes));
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
            <b>The brake stops this:</b> {number(items)} {what}. Saved without your consent, the run stops before it,
            and waits.
          </Note>
        ))}
        {(found?.effect?.to_agree ?? []).length > 0 && (
          <Note kind="w">
            <b>Needs your consent later:</b> {found?.effect?.to_agree.join(", ")} of companies would be sent to
            Pipedrive. After the next sync, Problems shows what would go; nothing goes before you agree.
          </Note>
        )}
        {found !== undefined && shut.length > 0 && <Patch files={shut} />}
        <div class="row">
          <Button look="pri" by="editor" busy={doing} off={unfit} onPress={() => put(false)}>
            Save {found === undefined ? "" : count(found.files.length, "file")}
          </Button>
          {held.length > 0 && (
            <Button look="risk" by="editor" busy={doing} off={unfit} onPress={() => put(true)}>
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

function changed({ created = 0, updated = 0, removed = 0 }: Readonly<Record<string, number>>): number {
  return created + updated + removed;
}
