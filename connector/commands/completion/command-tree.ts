import type { Argument, Command, Option } from "commander";
import { modelNames } from "../../model-name.ts";
import { listedStreams } from "../../stream-name.ts";

/** The values that a shell can complete: words, the ids of runs, files or folders; undefined for any other text. */
export type Values = readonly string[] | "runs" | "files" | "folders" | undefined;

/** One command with all that may follow it. */
export interface CommandNode {
  /** The words that call it, without the program: `mapping check`, or "" for the program itself. */
  path: string;
  commands: { name: string; description: string }[];
  options: { flags: string[]; description: string; values: Values; takesValue: boolean }[];
  /** The values of each argument; the last one may repeat. */
  arguments: Values[];
  repeats: boolean;
}

/** Returns the commands of a program, each with its options and arguments. */
export function commandTree(program: Command): CommandNode[] {
  const nodeOf = (self: Command, path: string): CommandNode[] => [
    {
      path,
      commands: self.commands.map((one) => ({ name: one.name(), description: one.description() })),
      options: [...self.options.map(optionOf), help],
      arguments: self.registeredArguments.map(valuesOfArgument),
      repeats: self.registeredArguments.at(-1)?.variadic === true,
    },
    ...self.commands.flatMap((one) => nodeOf(one, `${path} ${one.name()}`.trim())),
  ];
  const nodes = nodeOf(program, "");
  for (const node of nodes) {
    if (node.path === "help") node.arguments = [program.commands.map((one) => one.name())];
  }
  return nodes;
}

const help = { flags: ["--help", "-h"], description: "show help", values: undefined, takesValue: false };

function optionOf(option: Option): CommandNode["options"][number] {
  const flags = [option.long, option.short].filter((flag) => flag !== undefined && flag !== null);
  const takesValue = option.required || option.optional;
  return { flags, description: option.description, values: takesValue ? valuesOf(option) : undefined, takesValue };
}

function valuesOf({ argChoices, flags }: Option): Values {
  if (argChoices !== undefined) return argChoices;
  if (/<file>/.test(flags)) return "files";
  if (/<folder>|<place>/.test(flags)) return "folders";
  if (/<run>/.test(flags)) return "runs";
  return undefined;
}

function valuesOfArgument(argument: Argument): Values {
  if (argument.argChoices !== undefined) return argument.argChoices;
  switch (argument.name()) {
    case "stream":
      return listedStreams;
    case "stream or model":
      return [...listedStreams, ...modelNames];
    case "run":
      return "runs";
    case "id or file":
      return "files";
    default:
      return undefined;
  }
}
