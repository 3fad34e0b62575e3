/** The roles of people in the console, each with the rights of those before it (contract, section 8). */
export const roles = ["viewer", "operator", "editor"] as const;

/** A role: a viewer looks, an operator starts runs, an editor changes settings, agrees and undoes. */
export type Role = (typeof roles)[number];

/** Returns whether a role has the rights of another. */
export function mayActAs(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** A person who is signed in. */
export interface SignedInPerson {
  name: string;
  role: Role;
}
