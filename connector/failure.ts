/**
 * Who must act decides the exit status (contract, section 2): `run` 1, failed while running; `usage` 2, the command
 * line, config or mapping is wrong and nothing was started; `surroundings` 3, no connection, token refused, budget
 * exhausted, database in use.
 */
export type FailureKind = "run" | "usage" | "surroundings";

/**
 * What gets a failure out of the way: `change` something that people set (config, mapping, rights), `retry` later, or
 * `report` a defect or an unknown API. Orchestrators decide by it whether to try again.
 */
export type Remedy = "change" | "retry" | "report";

const usualRemedy: Record<FailureKind, Remedy> = { run: "retry", usage: "change", surroundings: "retry" };

const exitStatus: Record<FailureKind, 1 | 2 | 3> = { run: 1, usage: 2, surroundings: 3 };

/** A failure told in one sentence, with the way out. Anything else that is thrown is a defect of ours. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;
  /** What the reader can do about it, as a sentence; absent where the message says it already. */
  readonly hint: string | undefined;
  /** Where it is not the usual one of its kind, it is named with the failure: a refused token is not worth a retry. */
  readonly remedy: Remedy;

  constructor(
    kind: FailureKind,
    message: string,
    options: { hint?: string | undefined; cause?: unknown; remedy?: Remedy | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.hint = options.hint;
    this.remedy = options.remedy ?? usualRemedy[kind];
  }

  get exitStatus(): 1 | 2 | 3 {
    return exitStatus[this.kind];
  }
}
