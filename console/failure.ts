/** A request that failed: the program's own sentence and remedy, and the status of HTTP. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly hint: string | undefined;

  constructor(status: number, message: string, hint?: string) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

/** Returns what a request threw as a failure with a sentence for people. */
export function failureOf(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  return new ApiFailure(
    0,
    "The console does not answer.",
    "It may be stopped, or the network is down. The page tries again by itself.",
  );
}

/** Returns the failure that an answer tells; an answer of something between, as a proxy, names itself. */
export async function failureIn(response: Response): Promise<ApiFailure> {
  try {
    const { error } = (await response.json()) as { error: { message: string; hint?: string } };
    return new ApiFailure(response.status, error.message, error.hint);
  } catch {
    return new ApiFailure(
      response.status,
      `Something between this page and the console answered with status ${response.status}.`,
      "Look at the proxy, or at the log of the program.",
    );
  }
}
