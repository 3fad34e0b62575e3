const nul = "holds a NUL character, which Postgres cannot store";
const halfPair = "holds half of a surrogate pair, which UTF-8 cannot hold";

/**
 * Returns the reason why Postgres cannot store a text; undefined if it can. It stores no NUL character, and UTF-8 has
 * no half of a surrogate pair (Postgres manual, "Character Types" and "Character Set Support"). `pg` would silently
 * turn such a half into U+FFFD, so it is rejected before it is sent.
 */
export function unstorable(text: string): string | undefined {
  if (text.includes("\0")) return nul;
  return /\p{Surrogate}/u.test(text) ? halfPair : undefined;
}

/**
 * Returns the reason why jsonb cannot store a JSON text as JSON.stringify writes it; undefined if it can.
 * JSON.stringify writes NUL and halves of surrogate pairs, and no other surrogates, as escapes.
 */
export function unstorableJson(json: string): string | undefined {
  // A backslash before it makes an escape plain text. Most texts have no escape, and take this quick exit.
  if (!json.includes("\\u")) return undefined;
  const found = /(?<!\\)(?:\\\\)*\\u(0000|d[89a-f][0-9a-f]{2})/i.exec(json);
  return found === null ? undefined : found[1] === "0000" ? nul : halfPair;
}

/** Writes the characters that Postgres cannot store as escapes (`\u0000`): for messages, which must never fail. */
export function storableText(text: string): string {
  return text.replace(
    /\0|\p{Surrogate}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
