import { expect } from "chai";
import { createRetries } from "../../../connector/http/retries.ts";
import { Trouble } from "../../../connector/http/trouble.ts";
import { broken } from "../../../connector/pipedrive/client/given-up.ts";
import type { RequestName } from "../../../connector/pipedrive/client/refusal.ts";

describe("a connection that cannot be made", () => {
  const request: RequestName = {
    text: "GET /v1/users/me",
    path: "/v1/users/me",
    origin: "https://acme.pipedrive.com",
    signedBy: "api_token",
    firstContact: true,
  };
  const remedyOf = (trouble: Trouble, firstContact = true) =>
    broken({ ...request, firstContact }, trouble, createRetries(), "GET").remedy;

  it("to a host that nobody knows is a matter of the config, unless it was reached before", () => {
    const unknown = new Trouble("unreachable", "there is no such host", { isForGood: true });
    expect(remedyOf(unknown)).to.equal("change");
    expect(remedyOf(unknown, false)).to.equal("retry");
  });

  it("for the network's sake is worth another try", () => {
    expect(remedyOf(new Trouble("unreachable", "the name of the host could not be looked up"))).to.equal("retry");
    expect(remedyOf(new Trouble("interrupted", "the connection broke"))).to.equal("retry");
  });

  it("safely needs a certificate that somebody must name", () => {
    expect(remedyOf(new Trouble("untrusted", "the certificate was not accepted"))).to.equal("change");
  });
});
