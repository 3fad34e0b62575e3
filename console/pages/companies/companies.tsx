import { useEffect, useState } from "preact/hooks";
import type { CompanyAnswer } from "../../../connector/console/routes/companies.ts";
import { go, href, param, params, setParams } from "../../address.ts";
import { api, body } from "../../api.ts";
import { useLoaded } from "../../load.ts";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
import { Empty, Show } from "../../parts/quiet.tsx";
import { State } from "../../parts/state.tsx";
import { type Column, Pager, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { Value } from "../../parts/value.tsx";
import { count, number, rowsOf } from "../../words.ts";
import { CompanyDrawer } from "./company.tsx";

const pause = 200;

/** The companies: search, filter, page through any number; one beside the list. */
export function Companies({ parts: [id] }: { parts: string[] }) {
  const query = queryOf();
  const loaded = useLoaded(`companies ${JSON.stringify(query)}`, () => body(api.companies.$get({ query })), ["run"]);
  const filtered = query.text !== undefined || query.problem || query.kept || query.field !== undefined;
  const close = () => go(href("companies", Object.fromEntries(params.value)));
  return (
    <Page
      of={loaded}
      title="Companies"
      command={id === undefined ? 'query "select * from planhat.companies"' : `history company ${id}`}
      sentence={
        loaded.value === undefined ? undefined : (
          <>
            <b>{rowsOf(loaded.value.count, "company")}</b>
            {filtered ? (loaded.value.count === 1 ? " fits." : " fit.") : ", each brought by an eligible deal."}
          </>
        )
      }
    >
      <div class="row">
        <Find />
        <Filter name="problem" word="With a problem" />
        <Filter name="kept" word="Kept" />
        {query.field !== undefined && (
          <button
            type="button"
            class="chip"
            aria-pressed="true"
            onClick={() => setParams({ field: undefined, state: undefined, after: undefined, shown: undefined })}
          >
            {query.field.replace(/^custom\./, "")} is {query.state === "null" ? "NULL" : (query.state ?? "a value")}
            <Icon name="close" />
          </button>
        )}
      </div>
      <div class="split">
        <Show loaded={loaded} rows={12}>
          {({ companies, count: all, next }) =>
            companies.length === 0 ? (
              filtered ? (
                <Empty title="No company fits" icon="search">
                  Search without a filter, or look for the deal above: it says why its company is not there.
                </Empty>
              ) : (
                <Empty title="No company yet" icon="building">
                  Companies come with the first sync: each that has an eligible deal.
                </Empty>
              )
            ) : (
              <Table
                caption="Companies"
                columns={columns(companies)}
                rows={companies}
                rowKey={(one) => one.id}
                rowClass={(one) => (one.id === id ? "go on" : "go")}
                long
                foot={<Pager shown={companies.length} of={all} next={next} what={`by ${query.sort ?? "name"}`} />}
              />
            )
          }
        </Show>
        {id !== undefined && <CompanyDrawer key={id} id={id} onClose={close} />}
      </div>
    </Page>
  );
}

function queryOf() {
  const text = param("q");
  const sort = (["name", "changed", "licenses", "deals"] as const).find((one) => one === param("sort"));
  const after = param("after");
  const field = param("field");
  const state = param("state") as "null" | "empty" | "value" | undefined;
  return {
    ...(text === undefined ? {} : { text }),
    ...(sort === undefined ? {} : { sort }),
    ...(param("down") === undefined ? {} : { descending: true }),
    ...(after === undefined ? {} : { after }),
    ...(field === undefined ? {} : { field }),
    ...(state === undefined ? {} : { state }),
    ...(param("problem") === undefined ? {} : { problem: true }),
    ...(param("kept") === undefined ? {} : { kept: true }),
  };
}

function Find() {
  const inAddress = param("q") ?? "";
  const [text, setText] = useState(inAddress);
  useEffect(() => {
    if (text.trim() !== inAddress) setText(inAddress);
  }, [inAddress]);
  useEffect(() => {
    if (text.trim() === inAddress) return;
    const timer = setTimeout(() => setParams({ q: text.trim(), after: undefined, shown: undefined }, "replace"), pause);
    return () => clearTimeout(timer);
  }, [text, inAddress]);
  return (
    <div class="find">
      <Icon name="search" />
      <input
        type="search"
        aria-label="Find companies by name, id or domain"
        placeholder="Name, id or domain"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </div>
  );
}

function Filter({ name, word }: { name: string; word: string }) {
  const on = param(name) !== undefined;
  return (
    <button
      type="button"
      class="chip"
      aria-pressed={on}
      onClick={() => setParams({ [name]: on ? undefined : "1", after: undefined, shown: undefined })}
    >
      {word}
    </button>
  );
}

const mostCustom = 2;

function columns(companies: readonly CompanyAnswer[]): Column<CompanyAnswer>[] {
  const custom = [...new Set(companies.flatMap((one) => Object.keys(one.custom)))].slice(0, mostCustom);
  const sales = companies.some((one) => one.sales > 0);
  const deals = companies.some((one) => one.deal_rows + one.lineitems > 0);
  const licenses = !deals || companies.some((one) => one.licenses > 0);
  return [
    {
      name: "name",
      head: "Company",
      names: true,
      sorts: true,
      class: "cut",
      cell: ({ id, name }) => (
        <a class="t" href={href(`companies/${id}`, Object.fromEntries(params.value))}>
          {name ?? `Company ${id}`}
        </a>
      ),
    },
    {
      name: "source_id",
      head: "Id",
      class: "id lo",
      cell: ({ source_id }) => source_id ?? <Value value={undefined} />,
    },
    { name: "country", head: "Country", class: "lo sd", cell: ({ country }) => <Value value={country} /> },
    ...custom.map(
      (field): Column<CompanyAnswer> => ({
        name: field,
        head: field,
        class: "lo sd",
        cell: (one) => <Value value={Object.hasOwn(one.custom, field) ? one.custom[field] : undefined} />,
      }),
    ),
    ...(licenses ? [counted("licenses", "Licenses", (one) => one.licenses)] : []),
    ...(deals
      ? [
          counted("deals", "Deals", (one) => one.deal_rows),
          {
            name: "lineitems",
            head: "Line items",
            class: "num lo",
            cell: ({ lineitems }: CompanyAnswer) => number(lineitems),
          },
        ]
      : []),
    ...(sales
      ? [{ name: "sales", head: "Sales", class: "num lo", cell: ({ sales }: CompanyAnswer) => number(sales) }]
      : []),
    {
      name: "problems",
      head: "State",
      class: "lo",
      cell: ({ rejections }) =>
        rejections > 0 ? <State kind="bad">{count(rejections, "problem")}</State> : <State kind="ok">In order</State>,
    },
    {
      name: "changed",
      head: "Changed",
      class: "num lo",
      sorts: true,
      downFirst: true,
      cell: ({ updated_at }) => <Time at={updated_at} />,
    },
  ];
}

/** Returns a column of numbers of rows, by which one sorts. */
function counted(name: string, head: string, of: (one: CompanyAnswer) => number): Column<CompanyAnswer> {
  return { name, head, class: "num", sorts: true, downFirst: true, cell: (one) => number(of(one)) };
}
