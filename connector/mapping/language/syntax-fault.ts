import type { YAMLError } from "yaml";

/** A fault of YAML's syntax, worded for the user. */
export interface SyntaxFault {
  /** The position, in characters from the start of the text. */
  offset: number;
  message: string;
  hint?: string;
}

interface Wording {
  /** The parser's message. */
  says: RegExp;
  message: string;
  hint: string;
  /** The bracket or quote that is not closed: the fault is where it opens, not where the parser gave up. */
  opened?: "{" | "[" | "quote";
}

const quoted = "Put the whole value between quotation marks: '…'. A ' inside is written twice.";

/** Common faults: the message of the library `yaml`, and ours. */
const wordings: readonly Wording[] = [
  {
    says: /call stack/,
    message: "The file is nested deeper than any mapping.",
    hint: "Close each `[` and `{` with `]` and `}`.",
  },
  {
    says: /tab/i,
    message: "YAML does not allow tabs as indentation.",
    hint: "Use spaces.",
  },
  {
    says: /multiple documents/i,
    message: "A file holds one document; here a second one starts.",
    hint: "Remove the line `---`, or put what follows into a file of its own.",
  },
  {
    says: /Sequence item without - indicator/,
    message:
      "This line belongs to no entry: it is neither a new one (`- …`) nor in line with the keys of the one above.",
    hint: "Align it with the first key after the dash.",
  },
  {
    says: /must start at the same column|sequence may not be used as an implicit map key/,
    message: "This line does not begin where the others of its list do.",
    hint: "Give the keys of one entry, and the dashes of one list, the same number of spaces.",
  },
  {
    says: /Nested mappings are not allowed/,
    message: "This line has a second `: `.",
    hint: "Put quotation marks around a text that holds `: `; another key goes on a line of its own.",
  },
  { says: /end with a }/, message: "This `{` is not closed.", hint: "Close it with `}`.", opened: "{" },
  { says: /end with a ]/, message: "This `[` is not closed.", hint: "Close it with `]`.", opened: "[" },
  {
    says: /Implicit (map )?keys need to be/,
    message: "This key has no `: `.",
    hint: "Write `key: value`, with a blank after the colon.",
  },
  { says: /Missing closing .quote/, message: "This quotation mark is not closed.", hint: quoted, opened: "quote" },
  { says: /Unexpected scalar at node end/, message: "Text follows here after the end of the value.", hint: quoted },
  { says: /cannot start with/, message: "A text cannot begin with this character.", hint: quoted },
  { says: /Unresolved tag/, message: "A YAML tag (`!…`) means nothing here.", hint: quoted },
];

/** Limit on faults: a file of another format has one at every character, and no user reads more at once. */
const mostFaults = 100;

/**
 * Returns the parser's faults, worded for the user. Faults that follow from an earlier one are left out: further ones
 * on the same line, and those after the parser lost its way.
 */
export function syntaxFaults(text: string, errors: readonly YAMLError[]): SyntaxFault[] {
  const byLine = new Map<number, SyntaxFault>();
  for (const error of errors.slice(0, mostFaults)) {
    if (byLine.size > 0 && / in YAML stream/.test(error.message)) continue;
    const fault = faultOf(text, error);
    const line = text.slice(0, fault.offset).split("\n").length;
    if (!byLine.has(line)) byLine.set(line, fault);
  }
  return [...byLine.values()];
}

function faultOf(text: string, error: YAMLError): SyntaxFault {
  const { code, message, pos } = error;
  const said = code === "TAB_AS_INDENT" ? "tab" : code === "MULTIPLE_DOCS" ? "multiple documents" : message;
  const wording = wordings.find(({ says }) => says.test(said));
  if (wording === undefined) {
    return { offset: pos[0], message: `This is not valid YAML: ${message.replace(/\.?$/, ".")}` };
  }
  return { offset: placeOf(text, error, wording), message: wording.message, hint: wording.hint };
}

function placeOf(text: string, { message, pos: [offset] }: YAMLError, { opened }: Wording): number {
  if (opened === undefined) return offset;
  // A quotation mark after the opening one would have closed it.
  const at =
    opened === "quote"
      ? text.lastIndexOf(/closing (.)quote/.exec(message)?.[1] ?? '"', offset - 1)
      : openedAt(text, offset, opened);
  return at === undefined || at === -1 ? offset : at;
}

/** Returns the position of the last bracket before `end` that is still open there. */
function openedAt(text: string, end: number, bracket: "{" | "["): number | undefined {
  const closing = bracket === "{" ? "}" : "]";
  let closed = 0;
  for (let at = end - 1; at >= 0; at--) {
    if (text[at] === closing) closed++;
    else if (text[at] === bracket && closed-- === 0) return at;
  }
  return undefined;
}
