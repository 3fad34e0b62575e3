import { hostOf } from "../../text/host-of.ts";
import { rejected, shown } from "../outcome.ts";
import { eachText } from "./each-element.ts";
import type { Transform } from "./transform.ts";

/** The most characters of a domain (RFC 1035, section 2.3.4). */
const longestDomain = 253;
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
    { input: "acme.test/login?next=https://other.test/", output: "acme.test" },
    { input: "not a site", output: { refused: '"not a site" is neither a web nor an e-mail address' } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({
    apply: ({ value }) =>
      eachText(value, (text) => domainOf(text) ?? rejected(`${shown(text)} is neither a web nor an e-mail address`)),
  }),
  withoutInverse: "the rest of the address is gone",
};

function domainOf(text: string): string | undefined {
  const host = hostOf(text);
  return host.length <= longestDomain && hostForm.test(host) ? host : undefined;
}
