/** Thrown when a signal stopped the process; open work was finished or rolled back. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  /** The exit status: 128 plus the signal's number, as in shells. */
  readonly exitStatus: number;
  readonly signal: "SIGINT" | "SIGTERM";

  constructor(signal: "SIGINT" | "SIGTERM", consequence: string) {
    super(`Stopped by ${signal}. ${consequence}`);
    this.signal = signal;
    this.exitStatus = signal === "SIGINT" ? 130 : 143;
  }
}

/**
 * Returns a signal that is aborted (with a Stopped as its reason) at the first SIGINT or SIGTERM, so that the open
 * batch can be finished. A second one ends the process immediately (contract, section 2). `consequence` states what
 * happened to the work.
 */
export function stopSignal(consequence = "Committed work is kept; the next sync continues from there."): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      const stopped = new Stopped(name, consequence);
      if (controller.signal.aborted) process.exit(stopped.exitStatus);
      controller.abort(stopped);
    });
  }
  return controller.signal;
}
