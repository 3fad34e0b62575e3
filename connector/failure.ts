/**
 * Who must act decides the exit status (contract, section 2): `run` 1, failed while running; `usage` 2, the command
 * line, config or mapping is wrong and nothing was started; `surroundings` 3, no connection, token refused, budget
 * exhausted, database in use.
 */
export type FailureKind = "run" | "usage" | "surroundings";

const exitStatus: Record<FailureKind, 1 | 2 | 3> = { run: 1, usage: 2, surroundings: 3 };

/** A failure told in one sentence, with the way out. Anything else that is thrown is a defect of ours. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;
  /** What the reader can do about it, as a sentence; absent where the message says it already. */
  readonly hint: string | undefined;

  constructor(kind: FailureKind, message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.hint = options.hint;
  }

  get exitStatus(): 1 | 2 | 3 {
    return exitStatus[this.kind];
  }
}
