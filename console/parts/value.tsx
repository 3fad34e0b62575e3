import { number } from "../words.ts";

/** A value of a field in its three states: NULL that somebody cleared, – where none was defined, or what it is. */
export function Value({ value }: { value: unknown }) {
  if (value === null) return <span class="null">NULL</span>;
  if (value === undefined)
    return (
      <span class="none" title="empty: no value was defined">
        –<span class="sr"> empty</span>
      </span>
    );
  return <>{text(value)}</>;
}

/** Returns a value as text. */
export function text(value: unknown): string {
  if (typeof value === "string") return value === "" ? '""' : value;
  if (typeof value === "number")
    return Number.isInteger(value) && Math.abs(value) < 1e15 ? number(value) : String(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value) && value.every((one) => typeof one === "string" || typeof one === "number"))
    return value.join(", ");
  return JSON.stringify(value);
}
