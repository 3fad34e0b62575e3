import type { Completion, CompletionContext, CompletionResult, CompletionSource } from "@codemirror/autocomplete";

/** The words that a mapping may use: those of the account, of Planhat and of the language. */
export interface Known {
  stream: string;
  /** Fields of Pipedrive, by label or key. */
  fields: readonly { label: string | null; key: string; type: string; options: readonly { label: string }[] | null }[];
  /** Attributes of Planhat by model. */
  models: Readonly<Record<string, readonly { name: string; type: string; required: boolean }[]>>;
  pipelines: readonly string[];
  transforms: readonly string[];
}

const keys: Readonly<Record<string, readonly string[]>> = {
  top: [
    "stream",
    "model",
    "direction",
    "prefer",
    "create_in_pipedrive",
    "fields",
    "pipelines",
    "statuses",
    "start_date",
    "models",
  ],
  entry: ["planhat", "pipedrive", "value", "direction", "transform", "when", "on_null", "on_empty", "required"],
  when: ["field", "is", "in", "not", "present", "greater", "less", "matches", "pipeline", "all", "any"],
};

const values: Readonly<Record<string, readonly string[]>> = {
  direction: ["both", "send", "receive", "none"],
  prefer: ["pipedrive", "planhat", "newest"],
  on_null: ["write", "ignore"],
  on_empty: ["ignore", "clear"],
  create_in_pipedrive: ["true", "false"],
  required: ["true", "false"],
  statuses: ["open", "won", "lost"],
};

const computed = [
  "$start_date",
  "$organization.",
  "$person.",
  "$owner.email",
  "$owner.name",
  "$pipeline.name",
  "$stage.name",
  "$labels",
  "$url",
];

/** Returns what completes a mapping at the cursor, from the account's own fields and the words of the language. */
export function completeMapping(known: () => Known): CompletionSource {
  return (context) => complete(context, known());
}

/** Completes at the cursor by the text of its line and, in a flow mapping, by the key before it. */
export function complete(
  context: Pick<CompletionContext, "state" | "pos" | "explicit">,
  known: Known,
): CompletionResult | null {
  const { state, pos, explicit } = context;
  const line = state.doc.lineAt(pos);
  const before = line.text.slice(0, pos - line.from);
  if (/(?:^|\s)#/.test(before)) return null;
  const last = /(?:^|[{,\s-])([\w_]+):\s*(\[?[^{}:]*)$/.exec(before);
  if (last !== null) {
    const [, key, typed] = last;
    const word = /[^,[\s][^,[]*$|$/.exec(typed!)![0];
    return answer(pos - word.length, valuesOf(key!, known), explicit || word.length > 0 || /[:,[]\s*$/.test(before));
  }
  const listed = /^\s*-\s+([^:{}[\],]*)$/.exec(before);
  const owner = listed === null ? undefined : ownerOf(state.doc.toString().slice(0, line.from), before);
  if (
    owner !== undefined &&
    values[owner] === undefined &&
    ["pipelines", "pipedrive", "start_date", "transform"].includes(owner)
  )
    return answer(pos - listed![1]!.length, valuesOf(owner, known), true);
  const word = /[\w_]*$/.exec(before)![0];
  if (!explicit && word === "") return null;
  const kind = /when:\s*\{[^}]*$/.test(before)
    ? "when"
    : /^\S/.test(line.text) || (before.trim() === word && !/^\s/.test(before))
      ? "top"
      : "entry";
  return answer(
    pos - word.length,
    keys[kind]!.map((label) => ({ label, apply: `${label}: `, type: "keyword" })),
    true,
  );
}

function answer(from: number, options: Completion[], now: boolean): CompletionResult | null {
  return now && options.length > 0 ? { from, options, validFor: /^[^,\]}]*$/ } : null;
}

function valuesOf(key: string, { fields, models, pipelines, transforms, stream }: Known): Completion[] {
  switch (key) {
    case "planhat":
      return Object.entries(models).flatMap(([model, attributes]) =>
        attributes.map(({ name, type, required }) => ({
          label: name,
          detail: `${model}, ${type}${required ? ", required" : ""}`,
        })),
      );
    case "pipedrive":
    case "field":
    case "start_date":
      return [
        ...fields.map(({ label, key: own, type }) => ({
          label: quoted(label ?? own),
          detail: type,
          ...(label === null ? {} : { info: own }),
        })),
        ...computed.map((label) => ({ label, detail: "computed" })),
      ];
    case "is":
    case "in":
      return fields.flatMap(({ options, label, key: own }) =>
        (options ?? []).map((option) => ({ label: quoted(option.label), detail: label ?? own })),
      );
    case "pipeline":
    case "pipelines":
      return pipelines.map((label) => ({ label: quoted(label) }));
    case "transform":
      return transforms.map((label) => ({ label }));
    case "model":
      return Object.keys(models).map((label) => ({ label }));
    case "stream":
      return [{ label: stream }];
    default:
      return (values[key] ?? []).map((label) => ({ label }));
  }
}

/** Returns the key that owns a list item, by indentation. */
function ownerOf(above: string, item: string): string | undefined {
  const depth = /^\s*/.exec(item)![0].length;
  for (const line of above.split("\n").toReversed()) {
    const found = /^(\s*(?:- )?)([\w_]+):\s*$/.exec(line);
    if (found !== null && found[1]!.length <= depth) return found[2];
    if (/^\S/.test(line)) return undefined;
  }
  return undefined;
}

/** Returns a label as YAML takes it: in quotes where it would mean something else. */
function quoted(label: string): string {
  const plain =
    /^[\p{L}\p{N}_$][^:#,[\]{}"'\n]*$/u.test(label) &&
    !/^(?:true|false|null|yes|no|~|[\d.+-]+)$/i.test(label) &&
    label === label.trim();
  return plain ? label : JSON.stringify(label);
}
