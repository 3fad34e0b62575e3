import { isIP } from "node:net";
import { isObject, type Json } from "../mapping/value.ts";

/** A fault that a JSON Schema cannot express. */
interface Fault {
  path: string[];
  message: string;
  hint?: string;
}

/** Returns the faults of the config's `console`: people without a way to sign in, names twice, an open header. */
export function consoleProblems(console: Json | undefined): Fault[] {
  if (!isObject(console)) return [];
  const found: Fault[] = [];
  const { users, base_path: basePath, trusted_header: header, trusted_proxies: proxies } = console;
  const names = new Set<string>();
  for (const [index, user] of (Array.isArray(users) ? users : []).entries()) {
    if (!isObject(user)) continue;
    const path = ["console", "users", String(index)];
    const { name, password } = user;
    if (typeof name === "string" && names.has(name))
      found.push({ path: [...path, "name"], message: `\`console.users\` has two people named ${name}.` });
    if (typeof name === "string") names.add(name);
    if (password === undefined && header === undefined) {
      found.push({
        path,
        message: `\`console.users[${index}]\` lacks \`password\`.`,
        hint: "`pipedrive-planhat console password` makes a hash of one.",
      });
    }
    if (typeof password === "string" && !password.startsWith("$scrypt$") && password.length < 8)
      found.push({
        path: [...path, "password"],
        message: `\`console.users[${index}].password\` must have at least 8 characters.`,
      });
  }
  if (typeof basePath === "string" && !/^(?:\/[A-Za-z0-9._~-]+)+$/.test(basePath)) {
    found.push({
      path: ["console", "base_path"],
      message: "`console.base_path` must be a path such as /console or /tools/planhat, without a slash at its end.",
    });
  }
  if (header !== undefined && (!Array.isArray(proxies) || proxies.length === 0)) {
    found.push({
      path: ["console", "trusted_header"],
      message: "`console.trusted_header` needs `console.trusted_proxies`: from anywhere else it would be a lie.",
      hint: "Write the proxy's address as serve sees it, such as trusted_proxies: [127.0.0.1].",
    });
  }
  for (const [index, proxy] of (Array.isArray(proxies) ? proxies : []).entries()) {
    if (typeof proxy === "string" && isIP(proxy) === 0)
      found.push({
        path: ["console", "trusted_proxies", String(index)],
        message: `\`console.trusted_proxies[${index}]\` must be an IP address.`,
      });
  }
  return found;
}
