import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { post } from "../../acts.ts";
import { useDoing } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { Failed, Note } from "../../parts/quiet.tsx";
import { number } from "../../words.ts";

/** The content of the account, as the first try of the connection tells it. */
interface Tried {
  company: string;
  domain: string | null;
  counts: Record<string, number | null>;
  pipelines: { id: number; name: string; deals: number | null }[];
  date_fields: { key: string; label: string; samples: string[] }[];
}

/** The first hour: an empty folder becomes a config, with what it would bring shown before it is written. */
export function FirstHour() {
  const [url, setUrl] = useState("");
  const [token, setToken] = useState("");
  const [planhat, setPlanhat] = useState("");
  const [found, setFound] = useState<Tried>();
  const [pipelines, setPipelines] = useState<string[]>([]);
  const [dates, setDates] = useState<string>("local_won_date");
  const trying = useDoing();
  const writing = useDoing();
  useEffect(() => {
    document.title = "The first hour · pipedrive-planhat";
  }, []);
  const account = { company_url: url.trim(), api_token: token.trim() };
  const tryIt = (event: Event) => {
    event.preventDefault();
    void trying.act(async () => setFound(await post<Tried>("setup/try", account)));
  };
  const write = () =>
    void writing.act(async () => {
      const start = dates === "local_won_date" ? ["local_won_date", "won_time"] : [dates, "local_won_date", "won_time"];
      await post("setup/write", {
        ...account,
        ...(planhat.trim() === "" ? {} : { planhat_api_token: planhat.trim() }),
        pipelines,
        start_date: start,
      });
      location.reload();
    });
  return (
    <main class="first">
      <div>
        <h1>The first hour</h1>
        <p class="now" role="status">
          {found === undefined
            ? "This folder has no config yet. Name the account; nothing is written before you have seen what comes of it."
            : `${found.company} answers. Choose what syncs; then the folder is written.`}
        </p>
      </div>
      <ol class="steps">
        <Step n={1} state={found === undefined ? "now" : "done"} title="Pipedrive">
          <form class="gaps" onSubmit={tryIt}>
            <label class="lab">
              Company URL
              <input
                type="text"
                required
                placeholder="https://acme.pipedrive.com"
                value={url}
                onInput={(event) => setUrl(event.currentTarget.value)}
              />
            </label>
            <label class="lab">
              API token
              <input
                type="password"
                required
                autocomplete="off"
                value={token}
                onInput={(event) => setToken(event.currentTarget.value)}
              />
              <span class="sub">In Pipedrive: Personal preferences › API. Use an admin's: others see only a part.</span>
            </label>
            {trying.failure !== undefined && <Failed failure={trying.failure} />}
            <div>
              <Button type="submit" look={found === undefined ? "pri" : ""} busy={trying.doing}>
                {found === undefined ? "Look at the account" : "Look again"}
              </Button>
            </div>
          </form>
        </Step>
        <Step n={2} state={found === undefined ? "later" : "now"} title="What syncs">
          {found !== undefined && (
            <div class="gaps">
              <ul class="li box pad">
                {Object.entries(found.counts).map(([stream, value]) => (
                  <li key={stream}>
                    {stream}
                    <span class="num">{value === null ? "not counted" : number(value)}</span>
                  </li>
                ))}
              </ul>
              <fieldset class="stack ticks">
                <legend>
                  <b>Pipelines</b>
                </legend>
                <p class="sub">
                  {pipelines.length === 0
                    ? "None is ticked: deals of every pipeline sync."
                    : "Won deals of these sync."}
                </p>
                {found.pipelines.map(({ id, name, deals }) => (
                  <label class="opt" key={id}>
                    <input
                      type="checkbox"
                      checked={pipelines.includes(name)}
                      onChange={(event) =>
                        setPipelines(
                          event.currentTarget.checked ? [...pipelines, name] : pipelines.filter((one) => one !== name),
                        )
                      }
                    />
                    <b>{name}</b>
                    {deals !== null && <span>{number(deals)} deals</span>}
                  </label>
                ))}
              </fieldset>
              <fieldset class="stack ticks">
                <legend>
                  <b>Start date of a license</b>
                </legend>
                {[{ key: "local_won_date", label: "The day it was won", samples: [] }, ...found.date_fields].map(
                  ({ key, label, samples }) => (
                    <label class="opt" key={key}>
                      <input
                        type="radio"
                        name="date"
                        checked={dates === (key === "local_won_date" ? key : label)}
                        onChange={() => setDates(key === "local_won_date" ? key : label)}
                      />
                      <b>{label}</b>
                      <span>{samples.slice(0, 3).join(", ")}</span>
                    </label>
                  ),
                )}
              </fieldset>
            </div>
          )}
        </Step>
        <Step n={3} state={found === undefined ? "later" : "now"} title="Planhat" last>
          {found !== undefined && (
            <div class="gaps">
              <label class="lab">
                API token of Planhat
                <input
                  type="password"
                  autocomplete="off"
                  placeholder="later: the rows stay in the tables"
                  value={planhat}
                  onInput={(event) => setPlanhat(event.currentTarget.value)}
                />
              </label>
              <Note>
                This writes <code>config.yaml</code>, <code>.env</code> (only you may read it) and{" "}
                <code>mappings/</code> into the folder. Nothing is sent or synced before you press <b>Fetch All</b>.
              </Note>
              {writing.failure !== undefined && <Failed failure={writing.failure} />}
              <div>
                <Button look="pri" busy={writing.doing} onPress={write}>
                  Write the folder
                </Button>
              </div>
            </div>
          )}
        </Step>
      </ol>
    </main>
  );
}

function Step({
  n,
  state,
  title,
  children,
  last = false,
}: {
  n: number;
  state: "done" | "now" | "later";
  title: string;
  children: ComponentChildren;
  last?: boolean;
}) {
  return (
    <li data-n={n} class={state === "done" ? "done" : ""} aria-current={state === "now" && !last ? "step" : undefined}>
      <h2 class="below">{title}</h2>
      {children}
    </li>
  );
}
