/** A web or e-mail address is far shorter; a host that comes later is not looked for. */
const longestAddress = 2000;

/**
 * Returns the host that a web or an e-mail address names, in small letters: without scheme, user, port, a dot at its
 * end and `www.`. The result may be no host at all, if the text is no address.
 */
export function hostOf(address: string): string {
  const text = address.trim().slice(0, longestAddress);
  // Only at its begin: the query may hold another address.
  const authority = text.replace(/^([a-z][a-z0-9+.-]*:)?\/\//i, "").split(/[/?#]/, 1)[0]!;
  return authority
    .slice(authority.lastIndexOf("@") + 1)
    .replace(/:\d*$/, "")
    .replace(/\.$/, "")
    .toLowerCase()
    .replace(/^www\.(?=.*\.)/, "");
}
