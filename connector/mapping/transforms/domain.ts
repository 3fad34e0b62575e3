import { rejected, shown } from "../outcome.ts";
import { eachText } from "./each-element.ts";
import type { Transform } from "./transform.ts";

const hostForm = /^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)+$/u;

/** `domain`: the domain of a web or e-mail address. */
export const domain: Transform = {
  name: "domain",
  description:
    "The domain of a web address (without `www.`) or of an e-mail address, in small letters. Of a list, each.",
  examples: [
    { input: "https://www.Acme.test:8080/about?x=1", output: "acme.test" },
    { input: "ann@mail.acme.test", output: "mail.acme.test" },
    { input: ["acme.test/contact"], output: ["acme.test"] },
    { input: "not a site", output: { refused: '"not a site" is neither a web nor an e-mail address' } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({
    apply: ({ value }) =>
      eachText(value, (text) => hostOf(text) ?? rejected(`${shown(text)} is neither a web nor an e-mail address`)),
  }),
  withoutInverse: "the rest of the address is gone",
};

function hostOf(text: string): string | undefined {
  // A domain has at most 253 characters; no real address has its host later than this.
  const address = text.trim().slice(0, 2000);
  const scheme = address.indexOf("://");
  const authority = (scheme === -1 ? address : address.slice(scheme + 3)).split(/[/?#]/, 1)[0]!;
  const host = authority
    .slice(authority.lastIndexOf("@") + 1)
    .replace(/:\d*$/, "")
    .replace(/\.$/, "")
    .toLowerCase()
    .replace(/^www\.(?=.*\.)/, "");
  return host.length <= 253 && hostForm.test(host) ? host : undefined;
}
