import { useState } from "preact/hooks";
import type { Proposed } from "../edits.ts";
import { patchOf } from "../line-difference.ts";
import { Button } from "./button.tsx";
import { copy } from "./copy.ts";
import { Note } from "./quiet.tsx";

/** A change of files that cannot be written here, as a patch for the place where they come from. */
export function Patch({ files }: { files: Proposed["files"] }) {
  const [copied, setCopied] = useState(false);
  const patch = files.map(({ file, before, after }) => patchOf(file, before, after)).join("");
  const names = files.map(({ file }) => file).join(", ");
  return (
    <Note kind="w">
      <p>
        {names} cannot be written from here. Take the change as a patch, and apply it where{" "}
        {files.length === 1 ? "the file comes" : "the files come"} from: <code>git apply</code> takes it.
      </p>
      <textarea class="mono" aria-label={`Patch of ${names}`} rows={8} readOnly value={patch} />
      <Button icon="copy" onPress={() => void copy(patch).then(() => setCopied(true))}>
        <span aria-live="polite">{copied ? "Copied" : "Copy the patch"}</span>
      </Button>
    </Note>
  );
}
