import { expect } from "chai";
import { parseCompanyUrl } from "../../../connector/pipedrive/client/company-url.ts";
import { failureOf } from "../failure-of.ts";

describe("the company URL", () => {
  const acme = { origin: "https://acme.pipedrive.com", companyDomain: "acme" };
  const forms = [
    "acme",
    "ACME",
    "  acme.pipedrive.com  ",
    "acme.pipedrive.com/",
    "https://acme.pipedrive.com",
    "https://acme.pipedrive.com/",
    "HTTPS://Acme.Pipedrive.Com/V1",
    "https://acme.pipedrive.com/v1",
    "https://acme.pipedrive.com/api/v1/",
    "https://acme.pipedrive.com/api/v2/",
    "acme.pipedrive.com/v1",
    "acme/v1",
    "https://acme.pipedrive.com:443/v1",
    "https://acme.pipedrive.com./v1",
    "https://acme.pipedrive.com/pipeline/1/user/everyone",
    "https://acme.pipedrive.com/deal/12?lang=en#notes",
  ];
  for (const form of forms) {
    it(`is understood as ${JSON.stringify(form)}`, () => {
      expect(parseCompanyUrl(form)).to.deep.equal(acme);
    });
  }

  it("may be the shared host, which does not name the company", () => {
    for (const form of ["https://api.pipedrive.com/v1", "api.pipedrive.com", "api"]) {
      expect(parseCompanyUrl(form)).to.deep.equal({ origin: "https://api.pipedrive.com", companyDomain: null });
    }
  });

  it("may be plain http on this machine only", () => {
    const local = ["http://127.0.0.1:8080", "http://localhost:3000", "http://127.9.9.9", "http://[::1]:81"];
    for (const url of local) expect(parseCompanyUrl(`${url}/v1`)).to.deep.equal({ origin: url, companyDomain: null });
    expect(parseCompanyUrl("localhost:3000/api/v2").origin).to.equal("http://localhost:3000");
  });

  it("may be https to a gateway of one's own", () => {
    expect(parseCompanyUrl("https://gateway.acme.example:8443/pipedrive").origin).to.equal(
      "https://gateway.acme.example:8443",
    );
  });

  it("refuses plain http elsewhere, and shows the address to write", async () => {
    const failure = await failureOf(() => parseCompanyUrl("http://acme.pipedrive.com/v1"));
    expect(failure.kind).to.equal("usage");
    expect(failure.message).to.equal(
      "company_url is http://acme.pipedrive.com/v1: plain http would send the API token unprotected.",
    );
    expect(failure.hint).to.equal("Write https://acme.pipedrive.com.");
    // A name that only begins like this machine's belongs to another machine.
    expect((await failureOf(() => parseCompanyUrl("http://127.0.0.1.example.com"))).kind).to.equal("usage");
    expect((await failureOf(() => parseCompanyUrl("http://localhost.example.com"))).kind).to.equal("usage");
  });

  it("says which hosts of Pipedrive name no company", async () => {
    for (const host of ["app.pipedrive.com", "www.pipedrive.com", "pipedrive.com", "oauth.pipedrive.com"]) {
      const failure = await failureOf(() => parseCompanyUrl(`https://${host}/auth/login`));
      expect(failure.message).to.equal(
        `company_url is https://${host}/auth/login, which is Pipedrive's but names no company.`,
      );
      expect(failure.hint).to.contain("the browser shows while you are signed in");
    }
  });

  it("does not send the token to a misspelt host", async () => {
    const failure = await failureOf(() => parseCompanyUrl("https://acme.pipedrvie.com/v1"));
    expect(failure.hint).to.equal("Did you mean https://acme.pipedrive.com?");
  });

  const nonsense = [
    "",
    "   ",
    "not a url",
    "acme corp",
    "https://",
    "ftp://acme.pipedrive.com",
    "acme@",
    "https://acme",
  ];
  const more = [
    "a.b.pipedrive.com",
    "acme.example.com",
    "https://-acme.pipedrive.com",
    "https://x:y@acme.pipedrive.com",
  ];
  for (const text of [...nonsense, ...more]) {
    it(`refuses ${JSON.stringify(text)} with the way out`, async () => {
      const failure = await failureOf(() => parseCompanyUrl(text));
      expect(failure.kind).to.equal("usage");
      expect(failure.message).to.match(/^company_url is /);
      expect(failure.hint).to.contain("https://acme.pipedrive.com");
    });
  }

  it("never repeats a token or password that was pasted with it", async () => {
    for (const text of [
      "https://app.pipedrive.com/v1/deals?api_token=s3cret",
      "https://me:s3cret@acme.pipedrive.com",
    ]) {
      expect((await failureOf(() => parseCompanyUrl(text))).message).not.to.contain("s3cret");
    }
  });
});
