/** The usual form of a label: printable ASCII, single blanks between words. Such labels compare unchanged. */
const ordinary = /^[!-~]+(?: [!-~]+)*$/;
/**
 * Characters that leave no trace: zero-width ones, soft hyphens, marks of direction, and controls that are not blanks.
 */
const traceless = /(?!\s)[\p{Default_Ignorable_Code_Point}\p{Cc}]/u;
const everyTraceless = new RegExp(`\ufeff|${traceless.source}`, "gu");

/**
 * Returns the form in which labels are compared: in NFC, trimmed, without characters that leave no trace, and each run
 * of blanks as one. A label that would become empty stays unchanged.
 */
export function labelKey(label: string): string {
  if (ordinary.test(label)) return label;
  const seen = label.replace(everyTraceless, "").replace(/\s+/gu, " ").trim().normalize("NFC");
  return seen === "" ? label : seen;
}

/** Returns true if two labels look the same. */
export function sameLabel(one: string, other: string): boolean {
  return one === other || labelKey(one) === labelKey(other);
}

/** Returns the labels that look like this one, itself among them. */
export function alikeLabels(labels: Iterable<string>, label: string): string[] {
  const key = labelKey(label);
  return [...labels].filter((one) => labelKey(one) === key);
}

/** Returns a label with its invisible characters spelled out: `Deal[U+00A0]type`. */
export function withUnseen(label: string): string {
  const composed = label.normalize("NFC") === label;
  const characters = [...label];
  return characters
    .map((character, at) => {
      const alone = character === " " && (at === 0 || at === characters.length - 1 || characters[at - 1] === " ");
      const hidden = traceless.test(character) || (/\s/u.test(character) && character !== " ");
      if (!alone && !hidden && (composed || !/\p{M}/u.test(character))) return character;
      return `[U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`;
    })
    .join("");
}

/** Returns the value of an object under a name: under exactly that name, else under one that looks the same. */
export function valueByLabel<Value>(object: Readonly<Record<string, Value>>, name: string): Value | undefined {
  if (Object.hasOwn(object, name)) return object[name];
  const key = labelKey(name);
  const found = Object.keys(object).find((own) => labelKey(own) === key);
  return found === undefined ? undefined : object[found];
}
