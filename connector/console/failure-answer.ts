import { Failure } from "../failure.ts";
import { withoutSecrets } from "../secrets.ts";

/** A failed request: as commands print it with `--json`. */
export interface FailureAnswer {
  error: { kind: "usage" | "surroundings" | "run" | "forbidden" | "defect"; message: string; hint?: string };
}

const statusOf = { usage: 400, surroundings: 503, run: 500 } as const;

/** Answers a failed request with the program's own sentence and hint. `onDefect` gets every other error. */
export function failureAnswer(error: unknown, onDefect: (error: unknown) => void): Response {
  if (error instanceof Failure) {
    const { kind, message, hint } = error;
    return failed(statusOf[kind], { kind, message, ...(hint === undefined ? {} : { hint }) });
  }
  onDefect(error);
  const message = "The request could not be answered: this is a defect of pipedrive-planhat. The log says more.";
  return failed(500, { kind: "defect", message });
}

/** Returns an answer with an error. */
export function failed(status: number, error: FailureAnswer["error"], headers: Record<string, string> = {}): Response {
  return new Response(withoutSecrets(JSON.stringify({ error } satisfies FailureAnswer)), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}
