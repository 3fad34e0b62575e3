import { Value } from "./value.tsx";

/** A change of a value: its field, the old one struck through, the new one. */
export function Change({ field, from, to }: { field: string; from: unknown; to: unknown }) {
  return (
    <span class="chg">
      <span class="f">{field}</span>
      <del>
        <Value value={from} />
      </del>
      <span class="ar" role="img" aria-label="becomes">
        →
      </span>
      <ins>
        <Value value={to} />
      </ins>
    </span>
  );
}

/** All changes of a row, one below the other. */
export function Changes({ fields }: { fields: Readonly<Record<string, { from?: unknown; to?: unknown }>> }) {
  return (
    <ul>
      {Object.entries(fields).map(([field, { from, to }]) => (
        <li key={field}>
          <Change field={field} from={from} to={to} />
        </li>
      ))}
    </ul>
  );
}
