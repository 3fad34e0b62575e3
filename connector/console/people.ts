import { randomBytes } from "node:crypto";
import type { ConsoleUser } from "../config/config.ts";
import { hashPassword, isPasswordHash, matchesHash } from "./password.ts";
import type { SignedInPerson } from "./roles.ts";

/** The people who may sign in. */
export interface People {
  /** Returns the person of a name; undefined if there is none any more. */
  find(name: string): SignedInPerson | undefined;
  /** Returns the person of a name and a password; undefined for a wrong one. It takes as long for an unknown name. */
  verify(name: string, password: string): Promise<SignedInPerson | undefined>;
}

/** Returns the people of a config. Passwords in plain text are hashed first, so that all take the same time. */
export async function peopleOf(users: readonly ConsoleUser[]): Promise<People> {
  const nobody = await hashPassword(randomBytes(16).toString("hex"));
  const hashes = new Map<string, string>();
  for (const { name, password } of users) {
    if (password !== undefined) hashes.set(name, isPasswordHash(password) ? password : await hashPassword(password));
  }
  const find = (name: string): SignedInPerson | undefined => {
    const user = users.find((one) => one.name === name);
    return user === undefined ? undefined : { name: user.name, role: user.role };
  };
  return {
    find,
    async verify(name, password) {
      const matches = await matchesHash(password, hashes.get(name) ?? nobody);
      return matches && hashes.has(name) ? find(name) : undefined;
    },
  };
}

/** Returns a single person, who signs in by a link. */
export function onePerson(person: SignedInPerson): People {
  return {
    find: (name) => (name === person.name ? person : undefined),
    verify: async () => undefined,
  };
}
