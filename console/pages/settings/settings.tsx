import { useEffect, useState } from "preact/hooks";
import type { SettingsAnswer } from "../../../connector/console/routes/settings.ts";
import { href, param, setParams } from "../../address.ts";
import { api, body, may } from "../../api.ts";
import type { Saved } from "../../edits.ts";
import { useLoaded } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Proposal } from "../../parts/proposal.tsx";
import { Note, Show } from "../../parts/quiet.tsx";
import { SavedNote } from "../../parts/saved.tsx";
import { byStream, count, large } from "../../words.ts";
import { Account } from "./account.tsx";
import { Authorization } from "./authorization.tsx";
import { draft, inOrder } from "./draft.ts";
import { Changeable, ShippedMapping } from "./shipped.tsx";
import { Stream } from "./stream.tsx";

/** The settings: what Planhat's own page has, written into the files that stay the one source of truth. */
export function Settings({ parts: [stream] }: { parts: string[] }) {
  const loaded = useLoaded("settings", () => body(api.settings.$get()), ["settings"]);
  const [saved, setSaved] = useState<Saved>();
  const edits = draft.value;
  const reviewing = param("review") !== undefined && edits.length > 0;
  useEffect(() => {
    if (edits.length === 0) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [edits.length === 0]);
  return (
    <Page
      of={loaded}
      title="Settings"
      command="mapping check"
      sentence={loaded.value === undefined ? undefined : <Sentence found={loaded.value} />}
    >
      {loaded.value === undefined && loaded.failure !== undefined && stream === undefined && (
        <Section title="Pipedrive" class="gaps">
          <Authorization />
        </Section>
      )}
      <Show loaded={loaded} rows={12}>
        {(found) => (
          <>
            <nav class="tabs" aria-label="Settings">
              <a href={href("settings")} aria-current={stream === undefined ? "page" : undefined}>
                Account
              </a>
              {[...found.mappings.files].sort(byStream).map(({ stream: own, file, document }) => (
                <a href={href(`settings/${own ?? ""}`)} aria-current={stream === own ? "page" : undefined} key={file}>
                  {large((own ?? file).replaceAll("_", " "))}
                  <span class="n lo">{large((document as { direction?: string } | null)?.direction ?? "receive")}</span>
                </a>
              ))}
            </nav>
            {saved !== undefined && edits.length === 0 && <SavedNote saved={saved} />}
            {!may("editor") && <Note>You may see the settings; an editor changes them.</Note>}
            <div class="split">
              <div class="stack">
                {stream === undefined ? (
                  <Account found={found} />
                ) : (
                  <>
                    {found.mappings.shipped && <ShippedMapping found={found} />}
                    <Changeable found={found}>
                      <Stream found={found} stream={stream} key={stream} />
                    </Changeable>
                  </>
                )}
              </div>
              {reviewing && (
                <Proposal
                  content={{ edits: inOrder(edits) }}
                  onClose={() => setParams({ review: undefined })}
                  onSaved={(told) => {
                    draft.value = [];
                    setSaved(told);
                    setParams({ review: undefined });
                    loaded.again();
                  }}
                />
              )}
            </div>
            {edits.length > 0 && !reviewing && (
              <div class="savebar">
                <span class="grow">{count(edits.length, "change")} not saved</span>
                <Button
                  onPress={() => {
                    draft.value = [];
                  }}
                >
                  Take them back
                </Button>
                <Button look="pri" by="editor" onPress={() => setParams({ review: "1" })}>
                  Save settings…
                </Button>
              </div>
            )}
          </>
        )}
      </Show>
    </Page>
  );
}

function Sentence({ found: { config, mappings } }: { found: SettingsAnswer }) {
  const errors = mappings.problems.filter(({ severity }) => severity === "error").length;
  if (errors > 0)
    return (
      <>
        <b>{count(errors, "error")}</b> in the mapping:{" "}
        <a href={href("mapping")}>look at {errors === 1 ? "it" : "them"}</a>.
      </>
    );
  if (mappings.shipped)
    return (
      <>
        The config is <code>{config.file}</code>; the mapping is the one that the package ships.
      </>
    );
  return (
    <>
      Everything here stands in <code>{config.file}</code> and <code>{mappings.folder}</code>; comments and order stay
      as they are.
    </>
  );
}
