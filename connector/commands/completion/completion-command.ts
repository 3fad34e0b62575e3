import { Argument, type Command } from "commander";
import { declare } from "../declare.ts";

/** The shells that `completion` writes for. */
const shells = ["bash", "zsh", "fish"] as const;

/** Declares `completion`. */
export function completionCommand(program: Command): void {
  declare("completion", "print the completion script of a shell", program)
    .addArgument(new Argument("<shell>", shells.join(", ")).choices(shells))
    .action(async (shell: (typeof shells)[number]) => {
      process.exitCode = await (await import("./completion.ts")).completion(shell, program);
    });
}
