import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseEnvFile } from "../connector/config/env-file.ts";
import { openDatabase } from "../connector/database/open/open-database.ts";
import { wholeHub } from "./whole-hub.ts";

/** Characters: a shorter secret would match texts that are not secret. */
const shortest = 10;

/**
 * Returns the secrets known to a run in this folder: from any config file and `.env` there, with `${NAME}` replaced,
 * and from its environment.
 */
export function configuredSecrets(folder: string, environment: Readonly<Record<string, string>> = {}): string[] {
  const found = new Set<string>();
  for (const name of readdirSync(folder).filter((file) => /\.(ya?ml|json)$/.test(file))) {
    const text = readFileSync(join(folder, name), "utf8");
    const values =
      /\b(?:api_token|sync_token|hash_key|refresh_token|client_secret|password|secret)["']?\s*:\s*["']?([^\s"',}#]+)/g;
    for (const [, value] of text.matchAll(values)) found.add(value!);
    // The address of an alert channel: the path alone lets anybody post there.
    for (const [, path] of text.matchAll(/\burl["']?\s*:\s*["']?https?:\/\/[^/\s"',}]+(\/[^\s"',}]+)/g))
      found.add(path!);
    for (const [, password] of text.matchAll(/postgres(?:ql)?:\/\/[^\s:/@]*:([^\s@]+)@/g)) found.add(password!);
  }
  const beside = join(folder, ".env");
  const isFile = existsSync(beside) && statSync(beside).isFile();
  const variables = isFile ? parseEnvFile(readFileSync(beside, "utf8")).variables : {};
  for (const [name, value] of Object.entries({ ...environment, ...variables })) {
    if (/TOKEN|SECRET|PASSWORD/.test(name)) found.add(value);
  }
  return [...found].filter((value) => value.length >= shortest && !value.includes("${"));
}

/**
 * Returns the forms of a secret: plain, as in a URL, in hexadecimal, and in base64, where it may begin at any of three
 * places. The first and last characters of base64 depend on the surrounding text and are left out.
 */
export function waysToWrite(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(3 - ((before + bytes.length) % 3))]);
    const core = whole.toString("base64").slice(before === 0 ? 0 : 4, -4);
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
  return [...new Set([secret, encodeURIComponent(secret), bytes.toString("hex"), ...base64])];
}

/** Throws if a text holds one of the secrets, in any form; the message names the place, and not the secret. */
export function expectNoSecret(text: string, secrets: readonly string[], where: string): void {
  for (const secret of secrets) {
    for (const way of waysToWrite(secret)) {
      const at = text.indexOf(way);
      if (at === -1) continue;
      const around = `${text.slice(Math.max(0, at - 80), at)}<secret>${text.slice(at + way.length, at + way.length + 40)}`;
      throw new Error(`A secret (${secret.slice(0, 3)}…) is in ${where}: ${around}`);
    }
  }
}

/** Throws if a run printed a secret. Airbyte's CONTROL message is exempt: it returns a new refresh token. */
export function expectNothingTold({ stdout, stderr }: { stdout: string; stderr: string }, secrets: readonly string[]) {
  const results = stdout.split("\n").filter((line) => !line.startsWith('{"type":"CONTROL"'));
  expectNoSecret(results.join("\n"), secrets, "stdout");
  expectNoSecret(stderr, secrets, "stderr");
}

/**
 * Throws if a database holds a secret: in any row of its tables on a server, in any byte of the folder of an embedded
 * one (which is not opened for it).
 */
export async function expectNothingStored(location: string, secrets: readonly string[]): Promise<void> {
  if (!location.startsWith("postgres")) {
    for (const name of readdirSync(location, { recursive: true, encoding: "utf8" })) {
      const file = join(location, name);
      if (statSync(file).isFile()) expectNoSecret(readFileSync(file, "latin1"), secrets, name);
    }
    return;
  }
  const database = await openDatabase(location);
  try {
    for (const [table, rows] of Object.entries(await wholeHub(database))) expectNoSecret(rows, secrets, table);
  } finally {
    await database.close();
  }
}
