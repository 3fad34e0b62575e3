/**
 * The kind of a failure, which decides the exit status (contract, section 2).
 *
 * - `run`, 1: failed while running
 * - `usage`, 2: the command line, config or mapping is wrong, and nothing was started
 * - `surroundings`, 3: no connection, token rejected, budget exhausted, database in use
 */
export type FailureKind = "run" | "usage" | "surroundings";

/**
 * The remedy of a failure: `change` a setting (config, mapping, rights), `retry` later, or `report` a defect or an
 * unknown API. Orchestrators decide by it whether to try again.
 */
export type Remedy = "change" | "retry" | "report";

const usualRemedy: Record<FailureKind, Remedy> = { run: "retry", usage: "change", surroundings: "retry" };

const exitStatus: Record<FailureKind, 1 | 2 | 3> = { run: 1, usage: 2, surroundings: 3 };

/** An expected failure, described in one sentence, with a hint. Any other error is a defect of the connector. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;
  /** The reader's next step, as a sentence; absent if the message says it already. */
  readonly hint: string | undefined;
  /** The kind's usual remedy, unless the failure names another: a rejected token is not worth a retry. */
  readonly remedy: Remedy;
  /** The words of another program, which may quote values of records: stored with the run, and printed by no log. */
  readonly quoted: string | undefined;

  constructor(
    kind: FailureKind,
    message: string,
    options: {
      hint?: string | undefined;
      cause?: unknown;
      remedy?: Remedy | undefined;
      quoted?: string | undefined;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.hint = options.hint;
    this.quoted = options.quoted;
    this.remedy = options.remedy ?? usualRemedy[kind];
  }

  get exitStatus(): 1 | 2 | 3 {
    return exitStatus[this.kind];
  }
}
