import { useState } from "preact/hooks";
import type { WaitingAnswer } from "../../../connector/console/routes/problems.ts";
import { post } from "../../acts.ts";
import { href } from "../../address.ts";
import { useDoing } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Failed } from "../../parts/quiet.tsx";
import { Time } from "../../parts/time.tsx";
import { count, large } from "../../words.ts";
import { ToSend } from "./to-send.tsx";

/** One thing that waits for consent, or that the brake stopped. */
export function Waiting({ waiting: { kind, what, count: items, remedy, since, run } }: { waiting: WaitingAnswer }) {
  const [sure, setSure] = useState(false);
  const { doing, failure, act } = useDoing();
  const brake = kind.startsWith("brake");
  const agree = () => void act(() => post("consents", { kinds: [kind] }));
  return (
    <article class="box">
      <div class="pad row start">
        <Icon name="pause" class="wait" />
        <div class="grow">
          <h3>{large(what)}</h3>
          <p class="ink2">
            {brake
              ? "The brake stopped it before it harmed more rows than the config allows. Rows that stand are as they were."
              : "Everything else of each run is done. What you agree to holds for later runs."}
          </p>
          <p class="sub">By command: {remedy}</p>
        </div>
        <span class="sub">
          since <Time at={since} />
        </span>
      </div>
      {kind === "sending" && <ToSend />}
      {failure !== undefined && <Failed failure={failure} />}
      <div class="pager">
        {run !== null && <a href={href(`runs/${run}`)}>Run {run.slice(0, 8)}</a>}
        <span class="r row">
          {brake ? (
            <>
              {sure ? (
                <>
                  <span>This changes {count(items, "row")}.</span>
                  <Button onPress={() => setSure(false)}>Not now</Button>
                  <Button look="risk" by="editor" busy={doing} onPress={agree}>
                    Yes, change {count(items, "row")}
                  </Button>
                </>
              ) : (
                <Button look="risk" by="editor" busy={doing} onPress={() => setSure(true)}>
                  Let it change {count(items, "row")}…
                </Button>
              )}
              <a class="btn pri" href={href("mapping")}>
                Keep the rows, mend the mapping
              </a>
            </>
          ) : sure ? (
            <>
              <Button onPress={() => setSure(false)}>Not now</Button>
              <Button look="pri" by="editor" busy={doing} onPress={agree}>
                Agree: {what}
              </Button>
            </>
          ) : (
            <Button look="pri" by="editor" busy={doing} onPress={() => setSure(true)}>
              Agree…
            </Button>
          )}
        </span>
      </div>
    </article>
  );
}
