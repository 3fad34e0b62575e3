import { differenceOf } from "../line-difference.ts";
import { Scroll } from "./table.tsx";

/** The difference of two texts, line by line, with some lines around each change. */
export function Diff({ file, before, after }: { file: string; before: string; after: string }) {
  const lines = differenceOf(before.split("\n"), after.split("\n"));
  return (
    <div class="box">
      <Scroll label={`Change of ${file}`}>
        <pre class="diff">
          {lines.map(({ kind, number, text }) => (
            <span class={kind} key={`${kind}${number}`}>
              {`${String(number).padStart(4)} ${kind === "m" ? "-" : kind === "p" ? "+" : " "} ${text}`}
            </span>
          ))}
        </pre>
      </Scroll>
    </div>
  );
}
