import type { Context, TypedResponse } from "hono";
import { withoutSecrets } from "../secrets.ts";

/** An answer whose body is the given type, for the page's typed client. */
export type AnswerOf<Body> = Response & TypedResponse<Body, 200, "json">;

/** Answers with JSON from which secrets are removed. */
export function answer<Body>(context: Context, body: Body): AnswerOf<Body> {
  const text = withoutSecrets(JSON.stringify(body));
  return context.body(text, 200, { "content-type": "application/json" }) as unknown as AnswerOf<Body>;
}
