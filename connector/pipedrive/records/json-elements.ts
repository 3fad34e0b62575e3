/**
 * Returns the JSON texts of the elements of `data` in an envelope, or of `data` itself if it is one object. `text` must
 * be valid JSON. A rejected record is saved as these characters, with the numbers that a double cannot hold and the
 * escapes that Postgres rejects.
 */
export function cutElements(text: string): string[] {
  const at = findMember(text, 0, "data");
  if (at === undefined) return [];
  if (text[at] !== "[") return [text.slice(at, endOfValue(text, at))];
  const elements: string[] = [];
  for (let start = skipSpace(text, at + 1); text[start] !== "]"; ) {
    const end = endOfValue(text, start);
    elements.push(text.slice(start, end));
    const next = skipSpace(text, end);
    start = text[next] === "," ? skipSpace(text, next + 1) : next;
  }
  return elements;
}

/**
 * Returns the JSON text of the value at a path of keys, as it stands in `text`, which must be valid JSON; undefined if
 * there is none. A value passed on as these characters keeps every digit and every escape.
 */
export function memberText(text: string, path: readonly string[]): string | undefined {
  let at: number | undefined = 0;
  for (const key of path) {
    at = findMember(text, at, key);
    if (at === undefined) return undefined;
  }
  return text.slice(at, endOfValue(text, at));
}

/** Returns the start of the value of the object's last such key: JSON.parse also uses the last of equal keys. */
function findMember(text: string, start: number, key: string): number | undefined {
  const open = skipSpace(text, start);
  if (text[open] !== "{") return undefined;
  let found: number | undefined;
  let at = skipSpace(text, open + 1);
  while (text[at] === '"') {
    const endOfKey = endOfString(text, at);
    const name = JSON.parse(text.slice(at, endOfKey)) as string;
    const value = skipSpace(text, skipSpace(text, endOfKey) + 1);
    if (name === key) found = value;
    const next = skipSpace(text, endOfValue(text, value));
    at = text[next] === "," ? skipSpace(text, next + 1) : next;
  }
  return found;
}

/** Returns the index after the value that begins at `start`. */
export function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return endOfString(text, start);
  if (first !== "{" && first !== "[") {
    const end = /[\s,\]}]/g;
    end.lastIndex = start;
    return end.exec(text)?.index ?? text.length;
  }
  const marks = /["{}[\]]/g;
  let depth = 0;
  for (let at = start; ; ) {
    marks.lastIndex = at;
    const index = marks.exec(text)?.index ?? text.length;
    const mark = text[index];
    if (mark === '"') {
      at = endOfString(text, index);
      continue;
    }
    depth += mark === "{" || mark === "[" ? 1 : -1;
    at = index + 1;
    if (depth <= 0) return at;
  }
}

/** Returns the index after the string whose opening quote is at `start`. */
export function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    if (quote === -1) return text.length;
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && " \t\r\n".includes(text[at]!)) at++;
  return at;
}
