import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type {
  FirstAccountAnswer,
  FirstFilesAnswer,
  FirstPlanAnswer,
  FirstTenantAnswer,
} from "../../../connector/console/routes/first-hour.ts";
import { post } from "../../acts.ts";
import { api, body, session } from "../../api.ts";
import { useDoing } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { Page } from "../../parts/page.tsx";
import { Failed } from "../../parts/quiet.tsx";
import { allAnswers, nothingTyped, planFirst, type Typed } from "./answers.ts";
import { ChooseDeals } from "./choose-deals.tsx";
import { Fetching } from "./fetching.tsx";
import { AccountForm, AccountFound, accountSentence, TenantForm } from "./sign-ins.tsx";
import { WouldBring } from "./would-bring.tsx";

/** True while this page is at the first hour, also when the config is written already and the first run goes on. */
export const settingUp = signal(false);

const lookEvery = 3_000;

/** The first hour: there is no config yet. What `init` asks is asked here, tried, and written together. */
export function FirstHour() {
  const [typed, setTyped] = useState<Typed>(nothingTyped);
  const [account, setAccount] = useState<FirstAccountAnswer>();
  const [tenant, setTenant] = useState<FirstTenantAnswer>();
  const [plan, setPlan] = useState<FirstPlanAnswer>();
  const [written, setWritten] = useState<FirstFilesAnswer>();
  const [signingIn, planning, writing, trying] = [useDoing(), useDoing(), useDoing(), useDoing()];
  useWrittenElsewhere();
  const change = (more: Partial<Typed>) => {
    setTyped((before) => ({ ...before, ...more }));
    setPlan(undefined);
  };
  const fetchAll = () =>
    void writing.act(async () => {
      settingUp.value = true;
      try {
        setWritten(await post<FirstFilesAnswer>("first-hour/write", allAnswers(typed, tenant !== undefined)));
      } catch (error) {
        settingUp.value = false;
        throw error;
      }
      setTyped(nothingTyped);
      await post("runs", { what: "full" });
    });
  const end = () => {
    settingUp.value = false;
    void body(api.session.$get()).then((now) => {
      session.value = now;
    });
  };
  const again = () => {
    setAccount(undefined);
    setTenant(undefined);
    setPlan(undefined);
  };
  const step = account === undefined ? 1 : plan === undefined ? 2 : 4;
  return (
    <main class="first" id="main" tabIndex={-1}>
      <Page
        title="Set up"
        command="init"
        sentence={
          written !== undefined
            ? "The files are written, and the first Fetch All brings everything once."
            : account === undefined
              ? "This folder has no config yet; nothing is read and nothing is written."
              : accountSentence(account)
        }
      >
        {written !== undefined ? (
          <>
            {writing.failure !== undefined && <Failed failure={writing.failure} />}
            <Fetching written={written} onEnd={end} />
          </>
        ) : (
          <div class="cols">
            <ol class="steps">
              <li data-n="1" class={step > 1 ? "done" : ""} aria-current={step === 1 ? "step" : undefined}>
                <div class="row">
                  <h2>Address and token</h2>
                  {account !== undefined && (
                    <Button look="sm bare r" onPress={again}>
                      Change
                    </Button>
                  )}
                </div>
                {account === undefined ? (
                  <AccountForm
                    typed={typed}
                    change={change}
                    doing={signingIn}
                    onFound={(found) => {
                      setAccount(found);
                      change({ pipelines: found.pipelines.map(({ select }) => select) });
                    }}
                  />
                ) : (
                  <AccountFound account={account} />
                )}
              </li>
              <li data-n="2" aria-current={step === 2 ? "step" : undefined}>
                <h2>Which deals</h2>
                {account === undefined ? (
                  <p class="dim">The pipelines, and the field that says when a contract starts.</p>
                ) : (
                  <ChooseDeals account={account} typed={typed} change={change} />
                )}
              </li>
              <li data-n="3" class={tenant === undefined ? "" : "done"}>
                <h2>Planhat</h2>
                {account === undefined ? (
                  <p class="dim">Publish the rows there too, if you like.</p>
                ) : (
                  <TenantForm
                    typed={typed}
                    change={change}
                    doing={trying}
                    found={tenant}
                    onFound={(found) => {
                      setTenant(found);
                      change(found === undefined ? { planhatToken: "" } : {});
                    }}
                  />
                )}
              </li>
              <li data-n="4" aria-current={step === 4 ? "step" : undefined}>
                <h2>Fetch All</h2>
                <p class="dim">
                  Writes <code>config.yaml</code>, <code>.env</code>, <code>.gitignore</code> and <code>mappings/</code>
                  , and brings everything once.
                </p>
              </li>
            </ol>
            <WouldBring plan={plan}>
              <div class="row">
                <Button
                  busy={planning.doing}
                  off={account === undefined}
                  onPress={() => void planning.act(async () => setPlan(await planFirst(typed, tenant !== undefined)))}
                >
                  {planning.doing ? "Counting" : "Count it"}
                </Button>
                <Button look="pri" busy={writing.doing} off={plan === undefined} onPress={fetchAll}>
                  Fetch All
                </Button>
              </div>
              {planning.failure !== undefined && <Failed failure={planning.failure} />}
              {writing.failure !== undefined && <Failed failure={writing.failure} />}
              <p class="sub">
                Counting reads the account as a sync does. Fetch All writes to the database alone; nothing goes to
                Pipedrive or Planhat.
              </p>
            </WouldBring>
          </div>
        )}
      </Page>
    </main>
  );
}

/** Goes on by itself where somebody ran `init` on a terminal meanwhile. */
function useWrittenElsewhere(): void {
  useEffect(() => {
    const timer = setInterval(async () => {
      if (settingUp.value) return;
      try {
        const now = await body(api.session.$get());
        if (now.set_up && !settingUp.value) session.value = now;
      } catch {
        // The console is asked again.
      }
    }, lookEvery);
    return () => clearInterval(timer);
  }, []);
}
