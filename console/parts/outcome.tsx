import type { ComponentChildren } from "preact";
import type { FieldPreview } from "../../connector/sync/inspect/preview-record.ts";
import { Value } from "./value.tsx";

/** The value of a field after one step of its mapping, in its state. */
export function Step({ step }: { step: FieldPreview["steps"][number] | undefined }) {
  if (step === undefined) return null;
  const { result } = step;
  switch (result.state) {
    case "present":
      return <Value value={result.value} />;
    case "null":
      return <Value value={null} />;
    case "empty":
      return <Value value={undefined} />;
    case "rejected":
      return <span class="bad">{result.reason}</span>;
  }
}

/** The effect of a field on the row: the change, the value that stays, or why there is none. */
export function Outcome({
  result,
  steps,
  row,
}: Pick<FieldPreview, "result" | "steps"> & {
  /** The present value, where there is a row. */
  row?: { value: unknown };
}): ComponentChildren {
  const last = steps.at(-1);
  switch (result.outcome) {
    case "changed":
      if (row === undefined && result.from === null) return <Value value={result.to} />;
      return (
        <span class="chg">
          <del>
            <Value value={result.from} />
          </del>
          <span class="ar" role="img" aria-label="becomes">
            →
          </span>
          <ins>
            <Value value={result.to} />
          </ins>
        </span>
      );
    case "unchanged":
      return row === undefined ? <Step step={last} /> : <Value value={row.value} />;
    case "refused":
      return <span class="bad">{result.reason}</span>;
    case "left alone":
      if (row !== undefined && row.value !== null)
        return (
          <span class="dim" title={result.reason}>
            <Value value={row.value} />
          </span>
        );
      if (row === undefined && last?.result.state === "present") return <Step step={last} />;
      return (
        <span class="dim" title={result.reason}>
          left as it is
        </span>
      );
    case "passed over":
      return (
        <span class="dim" title={result.reason}>
          passed over
        </span>
      );
    case "not received":
      return <span class="dim">not received</span>;
  }
}
