import type { CommanderError, OutputConfiguration } from "commander";
import { Failure } from "../../failure.ts";
import type { FailureForm } from "./failure-form.ts";
import { reportFailure } from "./report-failure.ts";

/**
 * Collects commander's message about a wrong command line. In text it goes to stderr unchanged; in JSON it takes the
 * form of every failure.
 */
export class UsageFailures {
  readonly #form: FailureForm;
  #said = "";

  constructor(form: FailureForm) {
    this.#form = form;
  }

  /** The output settings for commander. */
  get output(): OutputConfiguration {
    return {
      writeErr: (commanders) => {
        const text = commanders.replace(
          /command-argument value ('.*') is invalid for argument '([^']+)'/s,
          "$1 is no <$2>",
        );
        this.#said += text;
        if (this.#form.log === "text") process.stderr.write(text);
      },
    };
  }

  /** Reports the error that commander ended with and returns the exit status. Help and the version are no failures. */
  report(error: CommanderError): number {
    if (error.exitCode === 0) return 0;
    const said = this.#said.trim().split("\n");
    const hint = said.findLast((line) => line.startsWith("See: "));
    const message = said.filter((line) => line !== "" && line !== hint).join(" ");
    const failure = new Failure("usage", message.replace(/^error: /, ""), { hint });
    return reportFailure(failure, { isTold: this.#form.log === "text" });
  }
}
