import type { StateAnswer } from "../../connector/console/read-state.ts";
import { post } from "../acts.ts";
import { useDoing } from "../load.ts";
import { Button } from "./button.tsx";
import { Failed } from "./quiet.tsx";

/** The buttons that start a sync of everything that changed, or of everything. */
export function StartButtons({ running }: { running: StateAnswer["running"] }) {
  const { doing, failure, act } = useDoing();
  const start = (what: "full" | "sync") => void act(() => post("runs", { what }));
  const busy = doing || running !== null;
  return (
    <>
      <Button by="operator" busy={busy} onPress={() => start("full")}>
        Fetch All
      </Button>
      <Button by="operator" look="pri" icon="sync" busy={busy} onPress={() => start("sync")}>
        Sync now
      </Button>
      {failure !== undefined && <Failed failure={failure} />}
    </>
  );
}
