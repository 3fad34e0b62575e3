import type { ComponentChildren } from "preact";
import type { Explanation } from "../../../connector/sync/inspect/explain-record.ts";
import { post } from "../../acts.ts";
import { href } from "../../address.ts";
import { api, body } from "../../api.ts";
import { useDoing, useLoaded } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { History } from "../../parts/history.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Failed, Note, Show } from "../../parts/quiet.tsx";
import { Time } from "../../parts/time.tsx";
import { Value } from "../../parts/value.tsx";
import { recordAddress, useAccountDomain } from "../../pipedrive-address.ts";
import { count, large, modelName, reasonSentence, streamName } from "../../words.ts";
import { Fields, fieldsTitle, Rules, Ways } from "./rules-and-fields.tsx";

/** Explain: why one record is, or is not, in Planhat. */
export function Explain({ parts: [stream = "", id = ""] }: { parts: string[] }) {
  const loaded = useLoaded(
    `explain ${stream} ${id}`,
    () => body(api.explain[":stream"][":id"].$get({ param: { stream, id } })),
    ["run", "problems", "settings"],
  );
  const found = loaded.value;
  const domain = useAccountDomain();
  const { doing, failure, act } = useDoing();
  const organization = found === undefined ? undefined : organizationOf(found);
  const there = recordAddress(domain, stream, id);
  return (
    <Page
      of={loaded}
      title={found?.name ?? `${large(streamName(stream))} ${id}`}
      tab={`${large(streamName(stream))} ${id}`}
      kick={<Kick found={found} stream={stream} id={id} />}
      sentence={found === undefined ? undefined : <Verdict found={found} />}
      command={`explain ${stream} ${id}`}
      actions={
        <>
          <Button
            by="operator"
            icon="sync"
            busy={doing}
            off={organization === undefined}
            onPress={() => void act(() => post("runs", { what: "company", organizations: [organization] }))}
          >
            Sync with Pipedrive
          </Button>
          {there !== undefined && (
            <a class="btn pri" href={there} target="_blank" rel="noreferrer">
              Open in Pipedrive
              <Icon name="out" />
            </a>
          )}
        </>
      }
    >
      {failure !== undefined && <Failed failure={failure} />}
      <Show loaded={loaded} rows={12}>
        {(found) => (
          <div class="cols">
            <div class="stack">
              <Section title="Rules" about="In this order; the first that fails is the reason.">
                <Rules found={found} />
              </Section>
              {found.ways.length > 0 && (
                <Section title="Deals that may bring it">
                  <Ways found={found} />
                </Section>
              )}
              {found.fields.length > 0 && (
                <Section title="Fields" about={fieldsTitle(found)}>
                  <Fields found={found} />
                </Section>
              )}
            </div>
            <div class="stack">
              <Remedy found={found} there={there} />
              <Facts found={found} />
              <Open found={found} />
              {(found.row !== null || found.last_run !== null) && (
                <Section title="History">
                  <History of={stream} id={id} />
                </Section>
              )}
            </div>
          </div>
        )}
      </Show>
    </Page>
  );
}

function Kick({ found, stream, id }: { found: Explanation | undefined; stream: string; id: string }) {
  const company = found?.row?.company;
  return (
    <>
      {large(streamName(stream))} {id}
      {company != null && (
        <>
          {" of "}
          <a href={href(`companies/${company.id}`)}>{company.name ?? `company ${company.id}`}</a>
        </>
      )}
    </>
  );
}

/** Returns the organization whose company brings the record when it is synced by itself. */
function organizationOf({ stream, id, row, ways, rules }: Explanation): number | undefined {
  if (stream === "organizations") return id;
  const known = row?.company?.source_id;
  if (known != null) return Number(known);
  const way = ways.find(({ by }) => by === "organization");
  if (way !== undefined) return way.id;
  const said = /organization is (\d+)/.exec(rules.find(({ reason }) => reason === "no_organization")?.because ?? "");
  return said === null ? undefined : Number(said[1]);
}

function Verdict({ found }: { found: Explanation }) {
  const { eligible, reasons, rules, row, action, kept, not_landed: absent, rejections, holds, kept_since } = found;
  const failed = rules.find(({ holds }) => !holds);
  const because = failed?.because ?? "";
  const why = reasons[0] === undefined ? "" : reasonSentence(reasons[0]);
  if (row !== null && !kept) {
    const rest =
      action === "update"
        ? "and a change waits"
        : action === "create"
          ? "and moves with the next sync"
          : "and up to date";
    return (
      <>
        <b>
          In Planhat as {modelName(row.model)} {row.id}
        </b>{" "}
        {rest}.
      </>
    );
  }
  if (row !== null)
    return (
      <>
        <b>In Planhat, kept and not updated any more: {why}.</b> {because}{" "}
        {kept_since !== null && (
          <>
            Since <Time at={kept_since} />.
          </>
        )}
      </>
    );
  if (absent !== null)
    return (
      <>
        <b>Not in Planhat: it has not landed.</b> {absent.because}
      </>
    );
  if (eligible !== true)
    return (
      <>
        <b>Not in Planhat: {why}.</b> {because} {otherRules(found)}
      </>
    );
  if (holds.some(({ field, stands }) => field === null && stands))
    return (
      <>
        <b>Not in Planhat: an undo has taken its row back.</b> It is eligible.
      </>
    );
  if (rejections.some(({ field }) => field === null) || action === "refuse")
    return (
      <>
        <b>Not in Planhat: it was rejected.</b> It is eligible, and goes in when its cause is gone.
      </>
    );
  return (
    <>
      <b>Not in Planhat yet.</b> It is eligible; the next sync makes its row.
    </>
  );
}

function otherRules({ rules }: Explanation): string {
  const fails = rules.filter(({ holds }) => !holds).length;
  if (fails > 1) return `${fails} rules fail.`;
  return rules.length > 1 ? "The other rules hold." : "";
}

/** The ways to bring the record, in the order in which one would try them. */
function Remedy({ found, there }: { found: Explanation; there: string | undefined }) {
  const [reason] = found.reasons;
  const link = (words: string) =>
    there === undefined ? (
      words
    ) : (
      <a href={there} target="_blank" rel="noreferrer">
        {words}
      </a>
    );
  const fixes: Partial<Record<string, ComponentChildren>> = {
    not_won: <>Mark the deal as won {link("in Pipedrive")}.</>,
    no_organization: <>Give the deal an organization {link("in Pipedrive")}.</>,
    no_start_date: <>Fill the field that holds the start date {link("in Pipedrive")}.</>,
    deleted: <>Restore it {link("in Pipedrive")}.</>,
    archived: <>Take it out of the archive {link("in Pipedrive")}.</>,
    not_enabled: <>Enable the product on its deal {link("in Pipedrive")}.</>,
    not_associated: <>Win a deal of its organization in Pipedrive, in a pipeline that is selected.</>,
    pipeline_not_selected: <>Move the deal to a selected pipeline {link("in Pipedrive")}.</>,
  };
  const fix = reason === undefined ? undefined : fixes[reason];
  if (fix === undefined && reason !== "direction_none") return null;
  const setting: Partial<Record<string, string>> = {
    not_won: "Or take deals of other statuses",
    pipeline_not_selected: "Or select the pipeline",
    no_start_date: "Or take the start date from another field",
    direction_none: "Let the stream receive",
  };
  return (
    <section class="box pad" aria-labelledby="remedy">
      <h2 id="remedy">What would bring it</h2>
      <ol class="stack gap above">
        {fix !== undefined && <li>{fix}</li>}
        {fix !== undefined && (
          <li class="ink2">
            The next sync brings it; this page shows it as it comes. <b>Sync with Pipedrive</b> does it at once.
          </li>
        )}
      </ol>
      {reason !== undefined && setting[reason] !== undefined && (
        <p class="sub above">
          {setting[reason]}: <a href={href(`settings/${found.stream}`)}>Settings › {large(found.stream)}</a>.
        </p>
      )}
    </section>
  );
}

function Facts({
  found: { landed, row, last_run: run, pending, mapping_changed, holds, conflicts },
}: {
  found: Explanation;
}) {
  return (
    <Section title="Record">
      <dl class="facts">
        <dt>Landed</dt>
        <dd>
          <Time at={landed?.extracted_at ?? null} />
        </dd>
        <dt>Changed</dt>
        <dd>
          {landed?.update_time == null ? <span class="dim">unknown</span> : <Time at={landed.update_time} />}
          {landed?.archived && ", archived"}
          {landed?.deleted && ", deleted"}
        </dd>
        <dt>Row</dt>
        <dd>
          {row === null
            ? "none"
            : `${modelName(row.model)} ${row.id}${row.planhat_id === null ? "" : `, in Planhat ${row.planhat_id}`}`}
        </dd>
        <dt>Last run</dt>
        <dd>
          {run === null ? (
            "none touched it"
          ) : (
            <a class="mono" href={href(`runs/${run.run}`)}>
              {run.run.slice(0, 8)}
            </a>
          )}
        </dd>
        {pending && (
          <>
            <dt>Waiting</dt>
            <dd>the next sync applies it</dd>
          </>
        )}
        {mapping_changed && (
          <>
            <dt>Mapping</dt>
            <dd>changed since the last sync: the next one maps everything again</dd>
          </>
        )}
        {holds.length > 0 && (
          <>
            <dt>Held</dt>
            <dd>{holds.map(({ field }) => field ?? "the whole row").join(", ")}</dd>
          </>
        )}
        {conflicts.length > 0 && (
          <>
            <dt>Conflicts</dt>
            <dd>{count(conflicts.length, "field")}</dd>
          </>
        )}
      </dl>
    </Section>
  );
}

function Open({ found: { rejections, unlanded } }: { found: Explanation }) {
  const all = [...(unlanded === null ? [] : [unlanded]), ...rejections];
  if (all.length === 0) return null;
  return (
    <Section title="Rejections" aside={<a href={href("problems")}>Problems</a>}>
      <div class="stack gap">
        {all.map(({ id, field, reason, value, since }) => (
          <Note kind="b" key={id}>
            {field !== null && <code>{field} </code>}
            {reason} {value !== null && <Value value={value} />} <Time at={since} />
          </Note>
        ))}
      </div>
    </Section>
  );
}
