import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { ConnectionAnswer, ConnectionState } from "../../../connector/console/routes/connection.ts";
import { post } from "../../acts.ts";
import { api, body, may } from "../../api.ts";
import { useDoing, useLoaded } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { Failed, Show } from "../../parts/quiet.tsx";
import { State } from "../../parts/state.tsx";
import { Setting } from "./fields.tsx";

/** The answer to the last sign-in that was saved: it outlives the page that shows why the service did not run. */
const told = signal<string | undefined>(undefined);

/** The sign-in to Pipedrive: tried first, then written to where it stands. It works while the service does not. */
export function Authorization() {
  const loaded = useLoaded("connection", () => body(api.connection.$get()), ["settings"]);
  return (
    <div class="box">
      <Show loaded={loaded} rows={3}>
        {(found) => <Form config={found} onSaved={loaded.again} />}
      </Show>
    </div>
  );
}

function Form({ config, onSaved }: { config: ConnectionState; onSaved: () => void }) {
  const [url, setUrl] = useState(config.company_url);
  const [token, setToken] = useState("");
  const { doing, failure, act } = useDoing();
  useEffect(() => setUrl(config.company_url), [config.company_url]);
  const save = () =>
    void act(async () => {
      const { company, files, restart } = await post<ConnectionAnswer>("connection/save", {
        company_url: url,
        hash: config.hash,
        ...(token === "" ? {} : { api_token: token }),
      });
      setToken("");
      const where = files.length === 0 ? "Nothing had to be written." : `Written to ${files.join(" and ")}.`;
      told.value = `Pipedrive answers as ${company}. ${where}${restart ? " serve takes it at its next start." : ""}`;
      onSaved();
    });
  const changed = url !== config.company_url || token !== "";
  return (
    <>
      <Setting name="Company URL" about="As the browser shows it.">
        <input
          type="text"
          aria-label="Company URL"
          disabled={!may("editor")}
          value={url}
          onInput={(event) => {
            told.value = undefined;
            setUrl(event.currentTarget.value);
          }}
        />
      </Setting>
      <Setting
        name="API token"
        about={
          <>
            {config.sign_in.by === "oauth2" ? "The account signs in by OAuth." : "It is"}
            {config.sign_in.variable !== null && (
              <>
                {" in "}
                <code>{config.sign_in.variable}</code>,
              </>
            )}{" "}
            never sent to this page.
          </>
        }
      >
        <input
          type="password"
          aria-label="New API token"
          autocomplete="off"
          disabled={!may("editor") || config.sign_in.by === "oauth2"}
          placeholder="unchanged"
          value={token}
          onInput={(event) => {
            told.value = undefined;
            setToken(event.currentTarget.value);
          }}
        />
      </Setting>
      <div class="pager">
        {told.value !== undefined && <State kind="ok">{told.value}</State>}
        <span class="r">
          <Button by="editor" look={changed ? "pri" : ""} busy={doing} onPress={save}>
            Save authorization
          </Button>
        </span>
      </div>
      {failure !== undefined && <Failed failure={failure} />}
    </>
  );
}
