import { boolean } from "./boolean.ts";
import { capitalize } from "./capitalize.ts";
import { date } from "./date.ts";
import { datetime } from "./datetime.ts";
import { defaultTransform } from "./default.ts";
import { divide } from "./divide.ts";
import { domain } from "./domain.ts";
import { first } from "./first.ts";
import { hash } from "./hash.ts";
import { htmlToText } from "./html-to-text.ts";
import { id } from "./id.ts";
import { integer } from "./integer.ts";
import { join } from "./join.ts";
import { label } from "./label.ts";
import { last } from "./last.ts";
import { lookup } from "./lookup.ts";
import { lowercase } from "./lowercase.ts";
import { mask } from "./mask.ts";
import { multiply } from "./multiply.ts";
import { number } from "./number.ts";
import { prefix } from "./prefix.ts";
import { replace } from "./replace.ts";
import { round } from "./round.ts";
import { slice } from "./slice.ts";
import { split } from "./split.ts";
import { template } from "./template.ts";
import { text } from "./text.ts";
import { textToHtml } from "./text-to-html.ts";
import type { Transform } from "./transform.ts";
import { trim } from "./trim.ts";
import { uppercase } from "./uppercase.ts";

/** Every transform by its name: the closed list of contract section 4. */
export const transforms: ReadonlyMap<string, Transform> = new Map(
  [
    trim,
    uppercase,
    lowercase,
    capitalize,
    text,
    number,
    integer,
    boolean,
    date,
    datetime,
    first,
    last,
    join,
    split,
    replace,
    slice,
    lookup,
    defaultTransform,
    multiply,
    divide,
    round,
    template,
    htmlToText,
    textToHtml,
    domain,
    label,
    id,
    prefix,
    mask,
    hash,
  ].map((transform) => [transform.name, transform]),
);
