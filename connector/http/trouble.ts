import { Failure } from "../failure.ts";

/**
 * The reason why no complete answer came.
 *
 * - `unreachable`: there is no connection, and nothing was sent
 * - `proxy`: the proxy opened no connection
 * - `untrusted`: the server's certificate is not valid
 * - `too large`: the answer exceeds its limit
 * - `interrupted`: the connection broke, fell silent, was too slow, or the answer was cut short
 */
export type TroubleKind = "unreachable" | "proxy" | "untrusted" | "too large" | "interrupted";

/** An exchange without an answer. It holds no part of the request: an axios error holds the token. */
export class Trouble extends Error {
  readonly kind: TroubleKind;
  /** True if waiting does not help: the address is wrong, not the network. */
  readonly isForGood: boolean;
  /** The hint, if it depends on more than the kind. */
  readonly hint: string | undefined;

  /** `message` follows the name of the request: "the connection was reset". */
  constructor(kind: TroubleKind, message: string, options: { isForGood?: boolean; hint?: string } = {}) {
    super(message);
    this.kind = kind;
    this.isForGood = options.isForGood ?? false;
    this.hint = options.hint;
  }
}

/** Returns the failure of a request for which the proxy opened no connection; `service` is its destination. */
export function proxyFailure(service: string, { message, hint, isForGood }: Trouble): Failure {
  return new Failure("surroundings", `No connection to ${service}: ${message}.`, {
    hint: hint ?? "Check HTTPS_PROXY and NO_PROXY, then run again.",
    remedy: isForGood ? "change" : "retry",
  });
}
