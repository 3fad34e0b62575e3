import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/** The cost of a new hash: 32 MB and some 60 ms; 2^15 rounds, as OWASP recommends for 8 blocks and 3 in parallel. */
const usual = { ln: 15, r: 8, p: 3 };
/** The largest cost of a given hash that is accepted: 128 MB. */
const most = { ln: 17, r: 8, p: 4 };
const keyBytes = 32;
const saltBytes = 16;

const form = /^\$scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43})$/;

/** Returns whether a text is the hash of a password rather than the password itself. */
export function isPasswordHash(text: string): boolean {
  const parts = form.exec(text);
  if (parts === null) return false;
  const [, ln, r, p] = parts.map(Number);
  return ln! >= 10 && ln! <= most.ln && r! >= 1 && r! <= most.r && p! >= 1 && p! <= most.p;
}

/** Hashes a password with scrypt and a new salt, in the form that the config accepts: `$scrypt$15$8$3$…$…`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const key = await derive(password, salt, usual);
  const text = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");
  return `$scrypt$${usual.ln}$${usual.r}$${usual.p}$${text(salt)}$${text(key)}`;
}

/** Returns whether a password belongs to a hash; its duration depends on the hash's cost alone. */
export async function matchesHash(password: string, hash: string): Promise<boolean> {
  const parts = form.exec(hash);
  if (parts === null) return false;
  const [ln, r, p] = [Number(parts[1]), Number(parts[2]), Number(parts[3])] as [number, number, number];
  const key = await derive(password, Buffer.from(parts[4]!, "base64"), { ln, r, p });
  return timingSafeEqual(key, Buffer.from(parts[5]!, "base64"));
}

function derive(password: string, salt: Buffer, { ln, r, p }: typeof usual): Promise<Buffer> {
  const N = 2 ** ln;
  const options: ScryptOptions = { N, r, p, maxmem: 128 * N * r + 128 * r * p + 1_000_000 };
  return new Promise((resolve, reject) => {
    // The same letters may be typed in two forms of Unicode.
    scrypt(password.normalize("NFKC"), salt, keyBytes, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
