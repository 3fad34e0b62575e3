import type { JsonObject } from "../../mapping/value.ts";

const errorInfo = "Please check developers.pipedrive.com";

/** An error answer, in one of the shapes Pipedrive uses (reference: openapi v1 and v2, HTTP status codes). */
export class ApiError extends Error {
  readonly status: number;
  readonly body: JsonObject | string;
  readonly headers: Record<string, string>;

  /** `body` is JSON; a text is HTML. */
  constructor(status: number, body: JsonObject | string, headers: Record<string, string> = {}) {
    super(typeof body === "string" ? `HTTP ${status}` : String(body["error"]));
    this.status = status;
    this.body = body;
    this.headers = headers;
  }

  /** Returns the error in the form before Pipedrive's messages named fields (changelog, 2026-05-21). */
  withoutName(): ApiError {
    const isOfField = typeof this.body === "object" && this.body["code"] === "ERR_SCHEMA_VALIDATION_FAILED";
    return isOfField ? new ApiError(this.status, { ...(this.body as JsonObject), error: "Validation failed" }) : this;
  }

  /** Returns this error as the answer to send. */
  toResponse(): Response {
    const isText = typeof this.body === "string";
    const headers = {
      "content-type": isText ? "text/html; charset=UTF-8" : "application/json; charset=utf-8",
      ...this.headers,
    };
    return new Response(isText ? (this.body as string) : JSON.stringify(this.body), { status: this.status, headers });
  }
}

/** Returns a v2 error for an unknown parameter or body key, or a wrong value; `problem` follows the key's name. */
export function validationFailed(key: string, problem: string): ApiError {
  return new ApiError(400, {
    success: false,
    error: `Validation failed: ${key}: Parameter '${key}' ${problem}`,
    code: "ERR_SCHEMA_VALIDATION_FAILED",
  });
}

/** Returns any other v2 error, with its code. */
export function refused(status: number, error: string, code: string): ApiError {
  return new ApiError(status, { success: false, error, code });
}

/** Returns a v1 error: the classic shape, with empty data. */
export function refusedByV1(status: number, error: string): ApiError {
  const error_info = `${errorInfo} for more information about Pipedrive API.`;
  return new ApiError(status, { success: false, error, error_info, data: null, additional_data: null });
}

/** Returns an error of the gateway, before the API is reached: a rejected token, an exhausted budget. */
export function refusedByGateway(status: number, error: string, headers: Record<string, string> = {}): ApiError {
  return new ApiError(status, { success: false, error, errorCode: status, error_info: errorInfo }, headers);
}
