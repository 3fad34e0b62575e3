import type { ToldEvent } from "../../connector/commands/history/history.ts";
import { href } from "../address.ts";
import { api, body } from "../api.ts";
import { useLoaded } from "../load.ts";
import { count } from "../words.ts";
import { Change, Changes } from "./change.tsx";
import { Show } from "./quiet.tsx";
import { Time } from "./time.tsx";

type Fields = Readonly<Record<string, { from?: unknown; to?: unknown }>>;

const latest = 12;

/** The story of one record and its row, newest first. */
export function History({ of, id }: { of: string; id: string }) {
  const loaded = useLoaded(
    `history ${of} ${id}`,
    () => body(api.history[":word"][":id"].$get({ param: { word: of, id } })),
    ["run"],
  );
  return (
    <Show loaded={loaded} rows={3}>
      {({ events }) => {
        if (events.length === 0) return <p class="dim">Nothing is kept of it.</p>;
        const shown = events.toReversed().slice(0, latest);
        return (
          <>
            <ul class="li">
              {shown.map((event, index) => (
                <li key={`${event.at} ${event.action} ${index}`}>
                  <Event event={event} />
                </li>
              ))}
            </ul>
            {events.length > latest && <p class="sub">{count(events.length - latest, "earlier event")}.</p>}
          </>
        );
      }}
    </Show>
  );
}

function Event({ event }: { event: ToldEvent }) {
  const run = typeof event["run"] === "string" ? event["run"] : undefined;
  return (
    <div>
      <Told event={event} />
      <p class="sub">
        {run !== undefined && (
          <>
            run{" "}
            <a class="mono" href={href(`runs/${run}`)}>
              {run.slice(0, 8)}
            </a>
            {", "}
          </>
        )}
        <Time at={event.at} />
      </p>
    </div>
  );
}

function Told({ event }: { event: ToldEvent }) {
  const fields = (event["fields"] ?? {}) as Fields;
  const field = typeof event["field"] === "string" ? event["field"] : undefined;
  switch (event.action) {
    case "update":
    case "send":
      return (
        <>
          {event.action === "send" && <span class="ink2">sent to Pipedrive</span>}
          <Changes fields={fields} />
        </>
      );
    case "create":
      return (
        <span class="ink2">
          created{Object.keys(fields).length > 0 && ` with ${count(Object.keys(fields).length, "field")}`}
        </span>
      );
    case "remove":
      return <span class="ink2">removed</span>;
    case "publish":
      return <span class="ink2">published to Planhat</span>;
    case "conflict":
      return (
        <>
          <span class="wait">conflict</span>{" "}
          {event["winner"] === "planhat" ? (
            <Change field={field ?? ""} from={event["pipedrive"]} to={event["planhat"]} />
          ) : (
            <Change field={field ?? ""} from={event["planhat"]} to={event["pipedrive"]} />
          )}
        </>
      );
    case "rejection":
      return (
        <span>
          <span class="bad">rejected</span> {field !== undefined && <code>{field} </code>}
          {String(event["reason"])}
        </span>
      );
    case "hold":
      return (
        <span>
          <span class="wait">held</span> {field ?? "the whole row"}, until Pipedrive says something else
        </span>
      );
    case "kept":
      return <span class="wait">kept: its deal does not sync any more</span>;
    default:
      return <span>{event.action}</span>;
  }
}
