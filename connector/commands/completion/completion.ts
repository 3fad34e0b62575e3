import type { Command } from "commander";
import { writeLine } from "../../protocol/standard-output.ts";
import { bashScript } from "./bash-script.ts";
import { commandTree } from "./command-tree.ts";
import { fishScript } from "./fish-script.ts";
import { zshScript } from "./zsh-script.ts";

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** Prints the completion script of a shell. Returns the exit status. */
export async function completion(shell: keyof typeof scripts, program: Command): Promise<number> {
  await writeLine(scripts[shell](commandTree(program)).trimEnd());
  return 0;
}
