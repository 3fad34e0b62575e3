import { expect } from "chai";
import type { RecordContext } from "../../connector/mapping/compiled-mapping.ts";
import type { Json, JsonObject } from "../../connector/mapping/value.ts";
import type { StreamName } from "../../connector/stream-name.ts";
import { key } from "./account.ts";
import { mapOne } from "./checked.ts";

/** One entry of a mapping, one record, and the result. */
export type SourceCase = [
  title: string,
  stream: StreamName,
  entry: string,
  record: JsonObject,
  expected: unknown,
  context?: RecordContext,
];

/** Returns the part of a record with a custom field, by the letter that its key is made of. */
export function custom(letter: string, value: Json): JsonObject {
  return { custom_fields: { [key(letter)]: value } };
}

/** Declares a test for each case. */
export function itMaps(cases: readonly SourceCase[]): void {
  for (const [title, stream, entry, record, expected, context] of cases) {
    it(title, () => {
      expect(mapOne(stream, entry, record, context)).to.deep.equal(expected);
    });
  }
}
