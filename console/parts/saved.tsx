import { href } from "../address.ts";
import type { Saved } from "../edits.ts";
import { Note } from "./quiet.tsx";

/** A change was saved: what the run made of it that mapped the rows again, and what is to be done still. */
export function SavedNote({ saved: { run, status, restart } }: { saved: Saved }) {
  const link = run !== null && <a href={href(`runs/${run}`)}>what the run changed</a>;
  if (status === "held")
    return (
      <Note kind="w">
        <b>Saved, and the brake stopped the run</b> before it would have harmed too many rows. Agree in{" "}
        <a href={href("problems")}>Problems</a>, or change it back; see {link}.
      </Note>
    );
  return (
    <Note>
      <b>Saved.</b> {run !== null && <>The rows are mapped again: see {link}. </>}
      {restart && "serve takes the config at its next start. "}
      The file before is beside it, as <code>.old</code>.
    </Note>
  );
}
