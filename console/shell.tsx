import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { StateAnswer } from "../connector/console/read-state.ts";
import { base, href, path } from "./address.ts";
import { api, body, send, session } from "./api.ts";
import { connection } from "./live.ts";
import { type Loaded, useLoaded } from "./load.ts";
import { now, spoken } from "./now.ts";
import { Icon, type IconName } from "./parts/icon.tsx";
import { Search } from "./parts/search.tsx";
import { State } from "./parts/state.tsx";
import { RunLine } from "./run-line.tsx";

const pages: readonly [to: string, name: string, icon: IconName][] = [
  ["", "Overview", "home"],
  ["companies", "Companies", "building"],
  ["problems", "Problems", "warning"],
  ["runs", "Runs", "clock"],
  ["settings", "Settings", "sliders"],
  ["mapping", "Mapping", "code"],
  ["audit", "Audit", "page"],
];

/** The frame of every page: where one can go, what state it is in, the search, and the run that goes on. */
export function Shell({ children }: { children: ComponentChildren }) {
  const state = useLoaded("state", () => body(api.state.$get()), ["run", "problems", "settings", "state"]);
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path.value]);
  return (
    <>
      <a class="skip" href={`${location.pathname}${location.search}#main`}>
        Skip to the page
      </a>
      <div class="app">
        <aside
          class={`side ${open ? "open" : ""}`}
          id="side"
          aria-label="Console"
          onKeyDown={(event) => {
            if (event.key === "Escape") setOpen(false);
          }}
        >
          <div class="brand">
            <Brand />
            pipedrive-planhat
          </div>
          <nav class="nav" aria-label="Pages">
            {pages.map(([to, name, icon]) => (
              <a href={href(to)} aria-current={isCurrent(to) ? "page" : undefined} key={to}>
                <Icon name={icon} />
                {name}
                {to === "problems" && (state.value?.decisions ?? 0) > 0 && (
                  <span class="n">
                    {state.value!.decisions}
                    <span class="sr"> to decide</span>
                  </span>
                )}
              </a>
            ))}
          </nav>
          <Who />
        </aside>
        <div>
          <header class="top q">
            <button
              type="button"
              class="btn bare menu"
              aria-expanded={open}
              aria-controls="side"
              onClick={() => setOpen(!open)}
            >
              <Icon name="menu" />
              <span class="sr">Menu</span>
            </button>
            <Pair state={state.value} />
            <Search />
            <StateWord state={state} />
          </header>
          <RunLine running={state.value?.running ?? null} />
          <main id="main" tabIndex={-1}>
            {children}
          </main>
        </div>
      </div>
    </>
  );
}

function isCurrent(to: string): boolean {
  const [first = ""] = path.value.split("/");
  return first === to || (to === "companies" && first === "explain");
}

function Brand() {
  return (
    <svg viewBox="0 0 250 250" aria-hidden="true">
      <rect width="250" height="250" rx="48" fill="#16325c" />
      <circle cx="70" cy="125" r="30" fill="#fff" />
      <rect x="150" y="95" width="60" height="60" rx="12" fill="#5fd38d" />
      <path
        d="M108 125h28m-12-14 14 14-14 14"
        fill="none"
        stroke="#fff"
        stroke-width="10"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

function Who() {
  const person = session.value!;
  return (
    <div class="who sub">
      <b>{person.name}</b>
      {person.role}
      {person.signs_out && (
        <>
          {" · "}
          <button type="button" class="link" onClick={signOut}>
            Sign out
          </button>
        </>
      )}
    </div>
  );
}

async function signOut(): Promise<void> {
  await send(`${base}api/sign-out`, { method: "POST" });
  location.assign(base);
}

function Pair({ state }: { state: StateAnswer | undefined }) {
  const account = state?.account?.name ?? state?.account?.domain;
  return (
    <div class="pair">
      <b>{account ?? "Pipedrive"}</b>
      <Icon name="arrow" />
      <span class="to">
        Planhat <b>{state?.tenant ?? (state === undefined ? "" : "tables")}</b>
      </span>
    </div>
  );
}

/** The state in words, on every page. */
export function StateWord({ state: { value, failure } }: { state: Loaded<StateAnswer> }) {
  if (failure !== undefined || connection.value === "lost")
    return (
      <State kind="bad" icon="cross">
        No connection
      </State>
    );
  if (value === undefined) return <span class="st off" />;
  switch (value.word) {
    case "failing":
      return (
        <State kind="bad" href={href(`runs/${value.failing!.run}`)}>
          Failing since {spoken(value.failing!.since, now.value)}
        </State>
      );
    case "waiting":
      return (
        <State kind="wait" href={href("problems")}>
          Waiting for you: {value.decisions}
        </State>
      );
    case "never":
      return <State kind="off">No run yet</State>;
    case "not_set_up":
      return <State kind="off">Not set up</State>;
    case "in_order":
      return <State kind="ok">In order</State>;
  }
}
