import type { OneCompanyAnswer } from "../../../connector/console/routes/companies.ts";
import { post } from "../../acts.ts";
import { href } from "../../address.ts";
import { api, body } from "../../api.ts";
import { useDoing, useLoaded } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { History } from "../../parts/history.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Failed, Show } from "../../parts/quiet.tsx";
import { State } from "../../parts/state.tsx";
import { Time } from "../../parts/time.tsx";
import { text, Value } from "../../parts/value.tsx";
import { recordAddress, useAccountDomain } from "../../pipedrive-address.ts";
import { large, modelName, number, reasonName, rowsOf } from "../../words.ts";

/** One company with everything that belongs to it. */
export function CompanyDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const loaded = useLoaded(`company ${id}`, () => body(api.companies[":id"].$get({ param: { id } })), ["run"]);
  const domain = useAccountDomain();
  const { doing, failure, act } = useDoing();
  const found = loaded.value;
  const organization = found?.source_id ?? null;
  const there = organization === null ? undefined : recordAddress(domain, "organizations", organization);
  return (
    <Drawer
      kick={organization === null ? `Company ${id}` : `Company ${id} · organization ${organization}`}
      title={found?.name ?? `Company ${id}`}
      head={
        found !== undefined && (
          <>
            <p class="ink2">{sentence(found)}</p>
            <div class="row above wrap">
              <Button
                look="pri"
                icon="sync"
                by="operator"
                busy={doing}
                off={organization === null}
                onPress={() => void act(() => post("runs", { what: "company", organizations: [Number(organization)] }))}
              >
                Sync with Pipedrive
              </Button>
              {there !== undefined && (
                <a class="btn bare" href={there} target="_blank" rel="noreferrer">
                  Pipedrive
                  <Icon name="out" />
                </a>
              )}
              {organization !== null && (
                <a class="btn bare" href={href(`explain/organizations/${organization}`)}>
                  Explain
                </a>
              )}
            </div>
            {failure !== undefined && <Failed failure={failure} />}
          </>
        )
      }
      onClose={onClose}
    >
      <Show loaded={loaded}>{(found) => <Inside found={found} />}</Show>
    </Drawer>
  );
}

function sentence({ deals, rejections, planhat_id, source_id }: OneCompanyAnswer): string {
  if (source_id === null) return "It was made in Planhat, and has no organization in Pipedrive.";
  const eligible = deals.filter(({ reason }) => reason === null).length;
  const state = rejections > 0 ? `${number(rejections)} of its records could not be stored` : "Up to date";
  const there = planhat_id === null ? "" : ", published to Planhat";
  return `${state}${there}: ${eligible} of its ${deals.length} deals are eligible.`;
}

const first = 8;

function Inside({ found }: { found: OneCompanyAnswer }) {
  const { deals, rows, values } = found;
  const sorted = [...deals].sort((one, other) => Number(one.reason !== null) - Number(other.reason !== null));
  const notes = rows.note ?? [];
  const people = rows.enduser ?? [];
  return (
    <>
      <section>
        <h3>Attributes</h3>
        <dl class="facts above">
          {Object.entries(flat(values)).map(([name, value]) => (
            <Fact name={name} value={value} key={name} />
          ))}
        </dl>
      </section>
      <section>
        <Head title="Deals" about={dealsInWords(found)} />
        <ul class="li">
          {sorted.slice(0, first).map(({ id, title, reason, model, value, currency, kept_since }) => (
            <li key={id}>
              <a class="mono" href={href(`explain/deals/${id}`)}>
                {id}
              </a>
              <span class="grow0">{title ?? "–"}</span>
              <span class="r">
                {reason === null && model !== null ? (
                  <>
                    {value === null ? <Value value={null} /> : text(value)}{" "}
                    {typeof currency === "string" ? currency : ""}
                  </>
                ) : kept_since !== null ? (
                  <State kind="wait">kept: {reasonName(reason ?? "")}</State>
                ) : (
                  <State kind={reason === null ? "wait" : "off"}>
                    {reason === null ? "no row yet" : reasonName(reason)}
                  </State>
                )}
              </span>
            </li>
          ))}
        </ul>
        {sorted.length > first && <p class="sub">{number(sorted.length - first)} more deals.</p>}
      </section>
      <section>
        <Head title="End users" about={rowsOf(found.endusers, "enduser")} />
        <ul class="li">
          {people.slice(0, first).map(({ id, source_id, values }) => (
            <li key={id}>
              <a href={href(`explain/persons/${source_id}`)}>
                {[values["firstName"], values["lastName"]].filter((part) => typeof part === "string").join(" ") ||
                  String(values["name"] ?? source_id)}
              </a>
              <span class="r">
                <Value value={values["email"]} />
              </span>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <Head title="Notes" about={rowsOf(found.notes, "note")} />
        <ul class="li">
          {notes.slice(0, 3).map(({ id, source_id, updated_at, values }) => (
            <li key={id}>
              <a href={href(`explain/notes/${source_id}`)}>{plain(values["description"]) || `Note ${source_id}`}</a>
              <span class="r">
                <Time at={updated_at} />
              </span>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h3>History</h3>
        {found.source_id === null ? (
          <p class="dim">It was made in Planhat.</p>
        ) : (
          <History of="company" id={found.source_id} />
        )}
      </section>
    </>
  );
}

function Head({ title, about }: { title: string; about: string }) {
  return (
    <div class="row">
      <h3>{title}</h3>
      <span class="sub r">{about}</span>
    </div>
  );
}

function Fact({ name, value }: { name: string; value: unknown }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <Value value={value} />
      </dd>
    </>
  );
}

/** Returns the values with the custom ones beside the others, by their own names. */
function flat(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { custom, ...rest } = values;
  return { ...rest, ...(typeof custom === "object" && custom !== null ? custom : {}) };
}

function dealsInWords({ deals }: OneCompanyAnswer): string {
  const counts = new Map<string, number>();
  for (const { reason, model } of deals) {
    const word = reason === null ? (model === null ? "without a row" : large(modelName(model))) : reasonName(reason);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, value]) => `${number(value)} ${word}`).join(" · ");
}

const shortest = 80;

/** Returns the beginning of a text of HTML as plain text; nothing in it is ever markup. */
function plain(value: unknown): string {
  if (typeof value !== "string") return "";
  const parsed = new DOMParser().parseFromString(value, "text/html");
  return (parsed.body.textContent ?? "").replace(/\s+/g, " ").trim().slice(0, shortest);
}
