import { createHmac } from "node:crypto";
import { rejected } from "../outcome.ts";
import { eachElement } from "./each-element.ts";
import type { Transform } from "./transform.ts";

/** The key of the examples; it is no secret. */
export const exampleKey = "the key of the examples: no secret";

/** `hash`: a keyed fingerprint in place of a value. */
export const hash: Transform = {
  name: "hash",
  description:
    "Replaces a value by its keyed fingerprint: HMAC-SHA-256 with the config's `hash_key`, as 64 hexadecimal digits. Equal values have equal fingerprints, and 12 that of the text `12`. Put `lowercase` or `trim` before to count forms as equal. Of a list, each element.",
  examples: [
    {
      input: "jane@acme.example",
      output: "d022c8d10f7aa74d8d6ebb5c45f85f47e9c8ea063bc66dd90d7ac9c87bfb1e77",
    },
    { input: { id: 5 }, output: { refused: "an object has no fingerprint; name one of its parts (a.b)" } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  fault: (_settings, { hashKey }) =>
    hashKey === undefined
      ? "`hash` needs a key, and the config has no `hash_key`. Make one with `openssl rand -hex 32`, keep it in .env, and write `hash_key: ${HASH_KEY}` into the config."
      : undefined,
  compile: (_settings, { hashKey = "" }) => ({
    apply: ({ value }) => {
      const isNested = (one: unknown) => typeof one === "object";
      // The message must not show the value: its reader may not see it.
      if (Array.isArray(value) ? value.some(isNested) : isNested(value)) {
        return rejected("an object has no fingerprint; name one of its parts (a.b)");
      }
      return eachElement(value, (element) => keyedHash(hashKey, String(element)));
    },
  }),
  withoutInverse: "a fingerprint does not tell its value",
};

/** Returns the HMAC-SHA-256 of a text's UTF-8 bytes, as 64 hexadecimal digits. */
export function keyedHash(key: string, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}
