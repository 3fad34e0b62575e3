import { type Command, Option } from "commander";
import { logFormats, logLevels } from "../logger.ts";
import { nearestWord } from "../text/nearest-word.ts";
import { examples } from "./examples.ts";

/** Adds the options of every command, which may also precede it (contract, section 2). */
export function commonOptions(self: Command): Command {
  return self
    .option("--config <file>", "config file, JSON or YAML", process.env["PIPEDRIVE_PLANHAT_CONFIG"] ?? "config.yaml")
    .addOption(new Option("--log-level <level>", "lowest level logged to stderr").choices(logLevels).default("info"))
    .addOption(new Option("--log-format <format>", "log line format").choices(logFormats).default("text"));
}

/** Applies the common options before a command to it, unless they are repeated after it. */
export function takeCommonOptions(program: Command): void {
  program.hook("preAction", (_program, self) => {
    for (const name of ["config", "logLevel", "logFormat"]) {
      if (program.getOptionValueSource(name) === "cli" && self.getOptionValueSource(name) !== "cli")
        self.setOptionValueWithSource(name, program.getOptionValue(name), "cli");
    }
  });
}

/** Declares a command, or a group of them, whose usage errors name its help. */
export function declare(usage: string, description: string, parent: Command): Command {
  const self = parent.command(usage).description(description).helpOption("-h, --help", "show help").helpCommand(false);
  const path = [...pathOf(parent), self.name()].join(" ");
  return self
    .addHelpText("after", () => examplesText(examples[path] ?? []))
    .showHelpAfterError(`See: pipedrive-planhat help ${path}`);
}

function examplesText(lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return ["", "Examples:", ...lines.map((line) => `  pipedrive-planhat ${line}`)].join("\n");
}

/** Declares a command that does something, with the options of every command. */
export function command(usage: string, description: string, parent: Command): Command {
  return commonOptions(declare(usage, description, parent));
}

/** Declares a command that groups others. */
export function group(name: string, description: string, parent: Command): Command {
  return declare(name, description, parent);
}

/** Returns the words that call a command, without the program's name. */
function pathOf(self: Command): string[] {
  return self.parent === null ? [] : [...pathOf(self.parent), self.name()];
}

/**
 * Prints the help of the command that the words call; without words, of the program. Ends with a usage error for an
 * unknown command.
 */
export function showHelp(program: Command, words: readonly string[]): void {
  let found = program;
  for (const word of words) {
    const next = found.commands.find((one) => one.name() === word);
    if (next === undefined) {
      const near = nearestWord(
        word,
        found.commands.map((one) => one.name()),
      );
      const meant = near === undefined ? "" : `\n(Did you mean ${near}?)`;
      program.error(`error: there is no command '${words.join(" ")}'${meant}`);
    } else found = next;
  }
  found.outputHelp();
}
