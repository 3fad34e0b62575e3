import type { Failure } from "../../failure.ts";
import type { Credentials } from "../service.ts";
import type { EventPlace } from "./event-store.ts";

/** The start data of the listener's thread. */
export interface ListenerOptions {
  host: string;
  port: number;
  place: EventPlace;
  /** True if the config has a `webhook`: deliveries are expected. */
  webhooks: boolean;
  /** True if events of organizations, persons and notes are wanted too. */
  followChanges: boolean;
  /** The path of the console, whose requests go to the main thread whole; undefined: there is none. */
  consolePath: string | undefined;
}

/** A request that the main thread answers; its body is ignored. */
export interface ForwardedRequest {
  id: number;
  method: string;
  url: string;
  authorization: string | undefined;
}

/** A request of the console, with everything that it has. */
export interface ConsoleRequest {
  id: number;
  method: string;
  url: string;
  headers: [string, string][];
  body: string | undefined;
  /** The address of the connection. */
  remote: string | undefined;
}

/** The main thread's answer to a request. */
export interface ForwardedAnswer {
  id: number;
  status: number;
  headers: [string, string][];
  body: string;
}

/** Messages from the main thread to the listener's thread. */
export type ToListener =
  | { kind: "credentials"; credentials: readonly Credentials[] }
  | { kind: "answer"; answer: ForwardedAnswer }
  /** A sign that the main thread's event loop runs, with the number of waiting jobs. */
  | { kind: "alive"; waiting: number }
  /** The answer to a request of the console, in parts: it may go on for hours. */
  | { kind: "console head"; id: number; status: number; headers: [string, string][] }
  | { kind: "console chunk"; id: number; chunk: Uint8Array }
  | { kind: "console end"; id: number }
  | { kind: "close" };

/** Messages from the listener's thread to the main thread. */
export type FromListener =
  | { kind: "listening"; port: number }
  | { kind: "refused to listen"; code: string | undefined; message: string }
  /**
   * The store of events could not be opened. The failure is sent in parts, because an error loses its class between
   * threads.
   */
  | { kind: "no store"; failure: Pick<Failure, "kind" | "message" | "hint" | "remedy"> }
  | { kind: "request"; request: ForwardedRequest }
  | { kind: "console request"; request: ConsoleRequest }
  /** Nobody reads the answer any more. */
  | { kind: "console gone"; id: number }
  /** Events were stored in the queue, or in this file of the spool. */
  | { kind: "stored"; file: string | undefined }
  /** Events could not be stored; the sender received an error. */
  | { kind: "not stored"; message: string }
  | { kind: "received"; received: number; stored: number }
  | { kind: "refused"; status: number }
  /** A request that no route could answer, or whose answer failed. */
  | { kind: "turned away"; status: number }
  /** An error of the connector, with its stack. */
  | { kind: "error"; request: string; message: string }
  | { kind: "problem"; message: string };
