import type { Failure } from "../failure.ts";
import type { EventPlace } from "./event-store.ts";
import type { Credentials } from "./service.ts";

/** What the listener's thread is started with. */
export interface ListenerOptions {
  host: string;
  port: number;
  place: EventPlace;
  /** The config has a `webhook`: deliveries are expected. */
  webhooks: boolean;
  /** Events of organizations, persons and notes are meant for us too. */
  followChanges: boolean;
}

/** A request that the main thread answers; none of them has a body that matters. */
export interface ForwardedRequest {
  id: number;
  method: string;
  url: string;
  authorization: string | undefined;
}

/** How the main thread answers it. */
export interface ForwardedAnswer {
  id: number;
  status: number;
  headers: [string, string][];
  body: string;
}

/** What the main thread tells the listener's. */
export type ToListener =
  | { kind: "credentials"; credentials: readonly Credentials[] }
  | { kind: "answer"; answer: ForwardedAnswer }
  /** The main thread works through its events, and so many jobs wait. */
  | { kind: "alive"; waiting: number }
  | { kind: "close" };

/** What the listener's thread tells the main one. */
export type FromListener =
  | { kind: "listening"; port: number }
  | { kind: "refused to listen"; code: string | undefined; message: string }
  /** The place for deliveries cannot be had. An error loses its class between threads. */
  | { kind: "no store"; failure: Pick<Failure, "kind" | "message" | "hint" | "remedy"> }
  | { kind: "request"; request: ForwardedRequest }
  /** Events were stored: in the queue, or in this file of the spool. */
  | { kind: "stored"; file: string | undefined }
  /** Events could not be stored; whoever delivered them was told so. */
  | { kind: "not stored"; message: string }
  | { kind: "received"; received: number; stored: number }
  | { kind: "refused"; status: number }
  /** A request that no route could answer, or whose answer failed. */
  | { kind: "turned away"; status: number }
  /** An error of ours, with its stack. */
  | { kind: "error"; request: string; message: string }
  | { kind: "problem"; message: string };
