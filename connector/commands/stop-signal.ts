/** The process was told to stop; what was open has been finished or rolled back. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  /** 128 plus the signal's number, as shells count it. */
  readonly exitStatus: number;
  readonly signal: "SIGINT" | "SIGTERM";

  constructor(signal: "SIGINT" | "SIGTERM", consequence: string) {
    super(`Stopped by ${signal}. ${consequence}`);
    this.signal = signal;
    this.exitStatus = signal === "SIGINT" ? 130 : 143;
  }
}

/**
 * A signal that is aborted (with a Stopped as its reason) at the first SIGINT or SIGTERM, so that the open batch can be
 * finished; a second one ends the process at once (contract, section 2). `consequence` says what has become of the work.
 */
export function stopSignal(consequence = "What was done is saved; the next sync continues from there."): AbortSignal {
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
