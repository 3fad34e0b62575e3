const nul = "holds a NUL character, which Postgres cannot store";
const halfPair = "holds half of a surrogate pair, which UTF-8 cannot hold";

/**
 * Why Postgres cannot store a text, or undefined when it can: it has no NUL character, and UTF-8 has no half of a
 * surrogate pair (Postgres manual, "Character Types" and "Character Set Support"). `pg` would turn the half into
 * U+FFFD without a word, so it is refused before it is sent.
 */
export function unstorable(text: string): string | undefined {
  if (text.includes("\0")) return nul;
  return /\p{Surrogate}/u.test(text) ? halfPair : undefined;
}

/**
 * Why jsonb cannot store a JSON text as JSON.stringify writes it, or undefined when it can. JSON.stringify writes NUL
 * and halves of surrogate pairs, and no other surrogates, as escapes.
 */
export function unstorableJson(json: string): string | undefined {
  // A backslash before it makes an escape plain text. Most texts have none, and are told so quickly.
  if (!json.includes("\\u")) return undefined;
  const found = /(?<!\\)(?:\\\\)*\\u(0000|d[89a-f][0-9a-f]{2})/i.exec(json);
  return found === null ? undefined : found[1] === "0000" ? nul : halfPair;
}

/** The text with what Postgres cannot store written as escapes (`\u0000`): for messages, which must never fail. */
export function storableText(text: string): string {
  return text.replace(
    /\0|\p{Surrogate}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
