import type { CommanderError, OutputConfiguration } from "commander";
import { Failure } from "../failure.ts";
import type { FailureForm } from "./failure-form.ts";
import { reportFailure } from "./report-failure.ts";

/**
 * Takes what commander says about a wrong command line. For people it goes to stderr as it is; programs get it in the
 * form of every failure.
 */
export class UsageFailures {
  readonly #form: FailureForm;
  #said = "";

  constructor(form: FailureForm) {
    this.#form = form;
  }

  /** Where commander writes. */
  get output(): OutputConfiguration {
    return {
      writeErr: (text) => {
        this.#said += text;
        if (this.#form.log === "text") process.stderr.write(text);
      },
    };
  }

  /** Tells what commander has ended with, and returns the exit status; help and the version are no failures. */
  report(error: CommanderError): number {
    if (error.exitCode === 0) return 0;
    const said = this.#said.trim().split("\n");
    const hint = said.findLast((line) => line.startsWith("See: "));
    const message = said.filter((line) => line !== "" && line !== hint).join(" ");
    const failure = new Failure("usage", message.replace(/^error: /, ""), { hint });
    return reportFailure(failure, { isTold: this.#form.log === "text" });
  }
}
