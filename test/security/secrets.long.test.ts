import { expect } from "chai";
import { hideSecrets, withoutSecrets } from "../../connector/secrets.ts";
import { eachDatabase } from "../databases.ts";
import {
  configuredSecrets,
  expectNoSecret,
  expectNothingStored,
  expectNothingTold,
  waysToWrite,
} from "../kept-secrets.ts";
import { makeWorkplace } from "../run-bin.ts";
import { sandboxSync } from "../sandbox-sync.ts";

const secret = "a+b/c?d=é-0123456789";

describe("the look-out for secrets in whatever the tests run", function () {
  this.timeout(1_200_000);

  it("knows the secrets of a config and of the environment", () => {
    const place = makeWorkplace();
    place.write(
      "config.yaml",
      "api_token: abcdefghijkl\nplanhat: {api_token: ${NAME}}\ndatabase: postgres://u:mnopqrstuvwx@h/d\n",
    );
    place.write("other.json", '{"credentials":{"client_secret":"secret-secret","refresh_token":"refresh-refresh"}}');
    const found = configuredSecrets(place.folder, { PLANHAT_API_TOKEN: "from-the-environment", PATH: "/bin" });
    place.remove();
    expect(found).to.have.members([
      "abcdefghijkl",
      "mnopqrstuvwx",
      "secret-secret",
      "refresh-refresh",
      "from-the-environment",
    ]);
  });

  it("finds one plain, in a URL, in hexadecimal, and in base64 wherever it begins", () => {
    const texts = [secret, encodeURIComponent(secret), Buffer.from(secret).toString("hex")];
    for (const before of ["", "u:", "me:", "user:"]) {
      for (const after of ["", "x", "xy"]) {
        texts.push(Buffer.from(before + secret + after).toString("base64"));
        texts.push(Buffer.from(before + secret + after).toString("base64url"));
      }
    }
    for (const text of texts) {
      expect(() => expectNoSecret(`before ${text} after`, [secret], "a text"), text).to.throw("is in a text");
    }
    const printed = { stdout: `{"type":"CONTROL","x":"${secret}"}\n`, stderr: "" };
    expectNothingTold(printed, [secret]);
    expect(() => expectNothingTold({ ...printed, stderr: secret }, [secret])).to.throw("is in stderr");
  });

  eachDatabase((_open, kind) => {
    it("finds one in a row", async () => {
      const setting = await sandboxSync(kind, { organizations: 1, persons: 1, deals: 1, notes: 1 });
      await setting.sync();
      await expectNothingStored(setting.location, [setting.sandbox.token]);
      await setting.look(`insert into planhat.companies (name) values ('x${setting.sandbox.token}')`);
      let told = "";
      await setting.close().catch((error: Error) => {
        told = error.message;
      });
      expect(told).to.match(/^A secret \(...…\) is in /);
    });
  });
});

describe("what is printed", () => {
  it("holds no registered secret, however it is written", () => {
    hideSecrets([secret]);
    for (const way of waysToWrite(secret)) {
      const printed = withoutSecrets(`before ${way} after`);
      expect(printed, way).to.not.contain(way);
      expect(printed, way).to.contain("****");
    }
    expect(withoutSecrets(JSON.stringify({ quoted: `"${secret}"` }))).to.equal('{"quoted":"\\"****\\""}');
    hideSecrets(["abcd"]);
    expect(withoutSecrets("abcd YWJj YWJjZA== 61626364")).to.equal("**** YWJj YWJjZA== 61626364");
  });
});
