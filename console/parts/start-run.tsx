import { useEffect, useState } from "preact/hooks";
import type { StateAnswer } from "../../connector/console/read-state.ts";
import { post } from "../acts.ts";
import { useDoing } from "../load.ts";
import { Button } from "./button.tsx";
import { Note } from "./quiet.tsx";

const askedFor = 10_000;

/** The buttons that start a sync of everything that changed, or of everything. */
export function StartButtons({ running }: { running: StateAnswer["running"] }) {
  const { doing, failure, act } = useDoing();
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (!asked) return;
    const timer = setTimeout(() => setAsked(false), askedFor);
    return () => clearTimeout(timer);
  }, [asked]);
  const start = (what: "full" | "sync") =>
    void act(async () => {
      await post("runs", { what });
      setAsked(true);
    });
  const busy = doing || running !== null;
  return (
    <>
      {asked && running === null && <span class="sub">It begins as soon as no other run goes on.</span>}
      <Button by="operator" busy={busy} onPress={() => start("full")}>
        Fetch All
      </Button>
      <Button by="operator" look="pri" icon="sync" busy={busy} onPress={() => start("sync")}>
        Sync now
      </Button>
      {failure !== undefined && (
        <Note kind="b">
          {failure.message} {failure.hint}
        </Note>
      )}
    </>
  );
}
