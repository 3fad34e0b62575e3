import { flow } from "../flow.ts";
import type { Json } from "../value.ts";
import type { Transform, TransformExample } from "./transform.ts";
import { transforms } from "./transforms.ts";

/** Writes the reference of all transforms as Markdown, from the descriptions and examples that also run as tests. */
export function transformReference(): string {
  return [...transforms.values()].map(section).join("\n\n");
}

function section(transform: Transform): string {
  const { name, description, argument, companions, examples } = transform;
  const keys = Object.entries({ ...(argument === undefined ? {} : { [name]: argument }), ...companions });
  const table = examples.map(
    (example) => `| ${code(written(name, example))} | ${shown(example.input)} | ${result(example.output)} |`,
  );
  return [
    `#### ${name}`,
    "",
    wrapped(description),
    ...keys.map(([key, schema]) => wrapped(`- \`${key}\`: ${schema.description}`, "  ")),
    "",
    "| transform | value | becomes |",
    "| --- | --- | --- |",
    ...table,
    "",
    wrapped(inverseSentence(transform)),
  ].join("\n");
}

/** Breaks a paragraph into lines of at most 120 columns; code spans stay whole, further lines begin with `indent`. */
function wrapped(paragraph: string, indent = ""): string {
  const lines: string[] = [];
  for (const word of paragraph.match(/(?:`[^`]*`|[^\s`])+/g) ?? []) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= 120) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : indent + word);
  }
  return lines.join("\n");
}

function written(name: string, example: TransformExample): string {
  return example.with === undefined ? name : flow(example.with);
}

function inverseSentence({ withoutInverse }: Transform): string {
  if (withoutInverse === undefined) return "It has an inverse, so fields that send may use it.";
  return withoutInverse.startsWith("it has an inverse")
    ? `${withoutInverse[0]!.toUpperCase()}${withoutInverse.slice(1)}.`
    : `It has no inverse: ${withoutInverse}.`;
}

function result(output: TransformExample["output"]): string {
  return typeof output === "object" && output !== null && "refused" in output
    ? `refused: ${cell(output["refused"] as string)}`
    : shown(output as Json | undefined);
}

function shown(value: Json | undefined): string {
  return value === undefined ? "*empty*" : value === null ? "*null*" : code(JSON.stringify(value));
}

function code(text: string): string {
  return `\`\` ${cell(text)} \`\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
