import type { ClientRequest } from "node:http";
import { HttpsProxyAgent } from "https-proxy-agent";

/** The failure of a proxy to open a tunnel. The message follows "the proxy <host>". */
export class ProxyRefusal extends Error {
  /** The status of the proxy's answer to CONNECT; undefined if there was none. */
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
 * An agent that tunnels https requests through an HTTP proxy by CONNECT (RFC 9110, section 9.3.6). The parent class
 * passes on a refusal of the proxy as if the server had sent it: a 403 of the proxy would look like one of Pipedrive.
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

/** Node's codes for a proxy that could not be reached. */
const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: "could not be found by its name (ENOTFOUND)",
  EAI_AGAIN: "could not be looked up by its name (EAI_AGAIN)",
  ECONNREFUSED: "is not listening (ECONNREFUSED)",
  EHOSTUNREACH: "cannot be reached (EHOSTUNREACH)",
  ENETUNREACH: "cannot be reached (ENETUNREACH)",
  ETIMEDOUT: "did not answer (ETIMEDOUT)",
};
