import { signal } from "@preact/signals";
import { hc } from "hono/client";
import type { ConsoleApi } from "../connector/console/console-api.ts";
import type { SessionAnswer } from "../connector/console/routes/session.ts";
import { base } from "./address.ts";
import { failureIn, failureOf } from "./failure.ts";

/** The signed-in person; null if nobody is, undefined until that is known. */
export const session = signal<SessionAnswer | null | undefined>(undefined);

/** Sends a request of the page. Throws an ApiFailure for every answer but a success. */
export async function send(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("x-console-token", session.value?.token ?? "sign-in");
  let response: Response;
  try {
    response = await fetch(input, { ...init, headers, credentials: "same-origin", redirect: "error" });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw failureOf(error);
  }
  if (response.ok) return response;
  // What was typed stays: the page shows the sign-in above itself, and goes on after it.
  if (response.status === 401 && session.value) session.value = { ...session.value, ends: "over" };
  throw await failureIn(response);
}

/** The client of the console's API, typed by the routes of the server. */
export const api = hc<ConsoleApi>(`${base}api`, { fetch: send });

/** Returns the body of an answer. */
export async function body<Body>(answer: Promise<{ json(): Promise<Body> }>): Promise<Body> {
  return (await answer).json();
}

/** Returns whether the signed-in person may do what a role may. */
export function may(role: SessionAnswer["role"]): boolean {
  const order = ["viewer", "operator", "editor"];
  return order.indexOf(session.value?.role ?? "viewer") >= order.indexOf(role);
}
