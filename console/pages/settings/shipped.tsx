import type { ComponentChildren } from "preact";
import type { SettingsAnswer } from "../../../connector/console/routes/settings.ts";
import { post } from "../../acts.ts";
import { useDoing } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { Failed, Note } from "../../parts/quiet.tsx";

/** Says that the mapping is the package's own, which nobody changes, and makes files of it. */
export function ShippedMapping({ found: { config } }: { found: SettingsAnswer }) {
  const { doing, failure, act } = useDoing();
  const make = () => void act(() => post("mapping/init", { hash: config.hash }));
  return (
    <>
      <Note
        action={
          <Button by="editor" busy={doing} onPress={make}>
            Make mapping files
          </Button>
        }
      >
        <b>The mapping is the one that the package ships</b>, and is no file of yours to change. As files in{" "}
        <code>mappings</code> beside <code>{config.file}</code>, made for this account, it is. They say the same, so no
        row changes. On the command line: <code>pipedrive-planhat mapping init</code>.
      </Note>
      {failure !== undefined && <Failed failure={failure} />}
    </>
  );
}

/** Shows what may be changed only where there are files to change. */
export function Changeable({ found, children }: { found: SettingsAnswer; children: ComponentChildren }) {
  return (
    <fieldset class="bare stack" disabled={found.mappings.shipped}>
      <legend class="sr">Settings of the mapping</legend>
      {children}
    </fieldset>
  );
}
