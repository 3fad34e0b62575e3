import type { ClientRequest } from "node:http";
import { HttpsProxyAgent } from "https-proxy-agent";

/** A tunnel that the proxy did not open. The message goes on after "the proxy <host>". */
export class ProxyRefusal extends Error {
  /** The status of the proxy's answer to CONNECT; undefined where it gave none. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.name = "ProxyRefusal";
    this.status = status;
  }
}

/** An answer to CONNECT, as https-proxy-agent reads it. */
interface ConnectAnswer {
  statusCode: number;
  statusText: string;
}

/**
 * Tunnels https requests through an HTTP proxy by CONNECT (RFC 9110, section 9.3.6). The parent class passes the proxy's
 * own refusal on as if the server had sent it, and a 403 of the proxy would read as one of Pipedrive.
 */
export class ProxyAgent extends HttpsProxyAgent<string> {
  override async connect(
    request: ClientRequest,
    options: Parameters<HttpsProxyAgent<string>["connect"]>[1],
  ): ReturnType<HttpsProxyAgent<string>["connect"]> {
    let answer: ConnectAnswer | undefined;
    request.once("proxyConnect", (given: ConnectAnswer) => {
      answer = given;
    });
    let socket: Awaited<ReturnType<HttpsProxyAgent<string>["connect"]>>;
    try {
      socket = await super.connect(request, options);
    } catch (error) {
      if (answer !== undefined) throw error;
      const { code } = error as NodeJS.ErrnoException;
      throw new ProxyRefusal(reasons[code ?? ""] ?? `closed the connection (${code ?? "before it answered"})`);
    }
    if (answer === undefined || answer.statusCode === 200) return socket;
    socket.destroy();
    const words = ` ${answer.statusText}`.trimEnd().slice(0, 100);
    throw new ProxyRefusal(`refused the connection (${answer.statusCode}${words})`, answer.statusCode);
  }
}

/** Node's codes when the proxy itself could not be reached. */
const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: "could not be found by its name (ENOTFOUND)",
  EAI_AGAIN: "could not be looked up by its name (EAI_AGAIN)",
  ECONNREFUSED: "is not listening (ECONNREFUSED)",
  EHOSTUNREACH: "cannot be reached (EHOSTUNREACH)",
  ENETUNREACH: "cannot be reached (ENETUNREACH)",
  ETIMEDOUT: "did not answer (ETIMEDOUT)",
};
