import type { Position } from "../store/listing.ts";
import { validationFailed } from "./api-error.ts";

/** The content of a v2 cursor: a place in a list with its order (the shape of the example in openapi-v2.yaml). */
interface CursorContent {
  field: string;
  fieldValue: number;
  sortDirection: string;
  id: number;
}

/** Writes the cursor for the page after this position. Callers must treat it as opaque. */
export function writeCursor(field: string, sortDirection: string, { value, id }: Position): string {
  const content: CursorContent = { field, fieldValue: value, sortDirection, id };
  return Buffer.from(JSON.stringify(content)).toString("base64url");
}

/** Reads the position in a cursor; throws an ApiError (400) for one that is broken or belongs to another order. */
export function readCursor(cursor: string, field: string, sortDirection: string): Position {
  try {
    const content = JSON.parse(Buffer.from(cursor, "base64url").toString()) as CursorContent;
    const { fieldValue: value, id } = content;
    if (content.field === field && content.sortDirection === sortDirection && isNumber(value) && isNumber(id)) {
      return { value, id };
    }
  } catch {
    // Reported below: a cursor that cannot be decoded is as wrong as one of another list.
  }
  throw validationFailed("cursor", "is not valid for this request");
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}
