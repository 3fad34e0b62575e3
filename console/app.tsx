import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { opened, path } from "./address.ts";
import { api, body, session } from "./api.ts";
import { failureOf } from "./failure.ts";
import { startLive } from "./live.ts";
import { useLoaded } from "./load.ts";
import { Audit } from "./pages/audit/audit.tsx";
import { Companies } from "./pages/companies/companies.tsx";
import { Explain } from "./pages/explain/explain.tsx";
import { FirstHour, settingUp } from "./pages/first-hour/first-hour.tsx";
import { Mapping } from "./pages/mapping/mapping.tsx";
import { Overview } from "./pages/overview/overview.tsx";
import { Problems } from "./pages/problems/problems.tsx";
import { Run } from "./pages/runs/run.tsx";
import { Runs } from "./pages/runs/runs.tsx";
import { Settings } from "./pages/settings/settings.tsx";
import { SignIn } from "./pages/sign-in/sign-in.tsx";
import { Page } from "./parts/page.tsx";
import { Empty, Failed } from "./parts/quiet.tsx";
import { Shell } from "./shell.tsx";

/** The pages by the first part of their path; the parts after it are given to them. */
const pages: Readonly<Record<string, { page: ComponentType<{ parts: string[] }>; parts: number[] }>> = {
  "": { page: Overview, parts: [0] },
  companies: { page: Companies, parts: [0, 1] },
  problems: { page: Problems, parts: [0] },
  runs: { page: Runs, parts: [0] },
  run: { page: Run, parts: [1] },
  explain: { page: Explain, parts: [2] },
  settings: { page: Settings, parts: [0, 1] },
  mapping: { page: Mapping, parts: [0, 1] },
  audit: { page: Audit, parts: [0] },
};

/** The whole page: the sign-in, the first hour, or the page that the address names. */
export function App() {
  const { failure, again } = useLoaded("session", async () => {
    try {
      session.value = await body(api.session.$get());
    } catch (error) {
      const found = failureOf(error);
      if (found.status !== 401) throw found;
      session.value = null;
    }
  });
  const person = session.value;
  useEffect(() => {
    if (person) startLive();
  }, [person?.name]);
  if (person === undefined) return failure === undefined ? null : <Failed failure={failure} again={again} />;
  if (person === null) return <SignIn />;
  if (!person.set_up || settingUp.value) return <FirstHour />;
  return (
    <>
      <Shell>
        <Chosen />
      </Shell>
      {person.ends === "over" && <SignIn over />}
    </>
  );
}

function Chosen() {
  const [first = "", ...rest] = path.value === "" ? [""] : path.value.split("/");
  const name = first === "runs" && rest.length > 0 ? "run" : first;
  const found = first === "run" ? undefined : pages[name];
  useEffect(() => {
    if (opened.value === 0) return;
    scrollTo(0, 0);
    document.querySelector<HTMLElement>("#main")?.focus({ preventScroll: true });
  }, [`${first}/${first === "companies" || first === "settings" ? "" : rest.join("/")}`]);
  if (found === undefined || !found.parts.includes(rest.length)) return <Nowhere />;
  const { page: Chosen } = found;
  return <Chosen parts={rest.map(decodeURIComponent)} />;
}

function Nowhere() {
  return (
    <Page title="There is no such page" sentence="The address may have been cut when it was copied." command="help">
      <Empty title="Nothing is here" icon="search">
        Search above for an id, a title, a name or an address of Pipedrive.
      </Empty>
    </Page>
  );
}
