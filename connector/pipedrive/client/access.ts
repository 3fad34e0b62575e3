import type { OAuthCredentials } from "../../config/config.ts";
import { Failure } from "../../failure.ts";
import { whatItSays } from "../../http/answer-text.ts";
import { exchange } from "../../http/exchange.ts";
import { hideSecrets } from "../../secrets.ts";

/** The signer of requests. */
export interface Access {
  signedBy: "api_token" | "credentials";
  /** Returns the headers that sign a request. */
  headers(signal: AbortSignal | undefined): Promise<Record<string, string>>;
  /** Called after a 401. Returns true if the next headers are new, so that one more try makes sense. */
  renew(): boolean;
}

/** Signs with the API token, in its header only: a query would put it into every log (openapi, `securitySchemes`). */
export function accessByToken(apiToken: string): Access {
  const token = apiToken.trim();
  if (token === "") throw new Failure("usage", "api_token is empty.", { hint: tokenHint });
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new Failure("usage", "api_token holds a blank or a character that no API token has.", { hint: tokenHint });
  }
  hideSecrets([token]);
  return { signedBy: "api_token", headers: async () => ({ "x-api-token": token }), renew: () => false };
}

const tokenHint = "Copy it from Pipedrive: Personal preferences > API.";

/** The address that issues access tokens (Pipedrive docs, "OAuth authorization"). */
const tokenAddress = "https://oauth.pipedrive.com/oauth/token";
/** Milliseconds before its end at which a token is renewed. */
const reserve = 60_000;

/** Options of access by OAuth2. */
export interface OAuthOptions {
  /** Called when Pipedrive issues another refresh token: the old one may be invalid from then on. */
  onTokenRotated?: ((refreshToken: string) => void) | undefined;
  tokenAddress?: string | undefined;
}

/** Signs with an access token. It is obtained with the refresh token on first use, and again before it ends. */
export function accessByCredentials(credentials: OAuthCredentials, options: OAuthOptions = {}): Access {
  let refreshToken = credentials.refresh_token;
  let current: { token: string; endsAt: number } | undefined;
  let refreshing: Promise<string> | undefined;
  hideSecrets([credentials.client_secret, refreshToken]);

  async function refresh(signal: AbortSignal | undefined): Promise<string> {
    const answer = await exchange({
      method: "POST",
      url: options.tokenAddress ?? tokenAddress,
      headers: {
        authorization: `Basic ${Buffer.from(`${credentials.client_id}:${credentials.client_secret}`).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken }).toString(),
      silence: 30_000,
      deadline: 40_000,
      largestAnswer: 1_000_000,
      signal,
    });
    const made = answer.status === 200 ? readToken(answer.text) : undefined;
    if (made === undefined) {
      const said = whatItSays(answer);
      throw new Failure(
        answer.status >= 500 ? "run" : "surroundings",
        `Pipedrive did not accept the OAuth2 credentials (${answer.status}${said === undefined ? "" : `: ${said}`}).`,
        {
          hint: "Check client_id and client_secret; if they are right, install the app again for a new refresh_token.",
          remedy: answer.status >= 500 || answer.status === 429 ? "retry" : "change",
        },
      );
    }
    hideSecrets([made.accessToken, made.refreshToken ?? ""]);
    current = { token: made.accessToken, endsAt: Date.now() + made.seconds * 1000 };
    if (made.refreshToken !== undefined && made.refreshToken !== refreshToken) {
      refreshToken = made.refreshToken;
      options.onTokenRotated?.(refreshToken);
    }
    return made.accessToken;
  }

  return {
    signedBy: "credentials",
    async headers(signal) {
      let token = current !== undefined && Date.now() < current.endsAt - reserve ? current.token : undefined;
      if (token === undefined) {
        refreshing ??= refresh(signal).finally(() => {
          refreshing = undefined;
        });
        token = await refreshing;
      }
      return { authorization: `Bearer ${token}` };
    },
    renew() {
      current = undefined;
      return true;
    },
  };
}

function readToken(text: string): { accessToken: string; refreshToken?: string; seconds: number } | undefined {
  let body: { access_token?: unknown; refresh_token?: unknown; expires_in?: unknown } | null;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof body?.access_token !== "string") return undefined;
  const { access_token: accessToken, refresh_token: next, expires_in: seconds } = body;
  return {
    accessToken,
    ...(typeof next === "string" ? { refreshToken: next } : {}),
    seconds: typeof seconds === "number" ? seconds : 3600,
  };
}
