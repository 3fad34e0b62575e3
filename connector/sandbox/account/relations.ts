import type { AccountSetting } from "./account-setting.ts";
import { Random } from "./random.ts";

/**
 * The particular case of a deal. Sixty deals in a row hold every case, so that any account of that size shows each
 * reason why a deal syncs or does not.
 */
export type DealCase =
  | "deleted"
  | "archived won"
  | "archived lost"
  | "without organization"
  | "without any date"
  | "organization deleted"
  | "person elsewhere"
  | "person without organization"
  | "without person"
  | "negative value"
  | "zero value"
  | "never updated"
  | "no custom fields"
  | "missing keys"
  | "open without organization"
  | "lost"
  | "open"
  | "won";

const cases: readonly DealCase[] = [
  ...repeat("deleted", 3),
  ...repeat("archived won", 2),
  "archived lost",
  ...repeat("without organization", 2),
  "without any date",
  "organization deleted",
  "person elsewhere",
  "person without organization",
  "without person",
  "negative value",
  "zero value",
  "never updated",
  "no custom fields",
  ...repeat("missing keys", 2),
  "open without organization",
  ...repeat("lost", 12),
  ...repeat("open", 13),
  ...repeat("won", 15),
];

function repeat(name: DealCase, times: number): DealCase[] {
  return Array.from({ length: times }, () => name);
}

/** Returns the case of the deal with this number (from 1): neighbours differ, since 37 and 60 have no common factor. */
export function caseOfDeal(deal: number): DealCase {
  return cases[(deal * 37) % cases.length] as DealCase;
}

/** Returns true for every fortieth organization, which was deleted some days ago. */
export function isOrganizationDeleted(organization: number): boolean {
  return organization % 40 === 21;
}

/** Returns true for every fiftieth person, who was deleted some days ago. */
export function isPersonDeleted(person: number): boolean {
  return person % 50 === 33;
}

/**
 * Returns the organization of a person, or null: persons cycle through the organizations, and one in twenty has none.
 */
export function organizationOfPerson(setting: AccountSetting, person: number): number | null {
  const { organizations } = setting.sizes;
  if (organizations === 0 || person % 20 === 0) return null;
  const organization = ((person - 1) % organizations) + 1;
  return isOrganizationDeleted(organization) ? null : organization;
}

/** Returns the organization and person of a deal, each null if the deal's case or the account's size allows none. */
export function partiesOfDeal(
  setting: AccountSetting,
  deal: number,
): { organization: number | null; person: number | null } {
  const random = new Random(setting.seed, "parties", deal);
  const kind = caseOfDeal(deal);
  if (kind === "without organization" || kind === "open without organization") {
    return {
      organization: null,
      person: kind === "without organization" ? personWithoutOrganization(setting, random) : null,
    };
  }
  const organization = pickOrganization(setting, random, kind === "organization deleted");
  if (kind === "without person") return { organization, person: null };
  if (kind === "person without organization")
    return { organization, person: personWithoutOrganization(setting, random) };
  if (kind === "person elsewhere") {
    return { organization, person: personOf(setting, random, pickOrganization(setting, random, false, organization)) };
  }
  return { organization, person: personOf(setting, random, organization) };
}

// Every fifth organization has no deals; organization 1 has more than its share.
function pickOrganization(
  setting: AccountSetting,
  random: Random,
  deleted: boolean,
  other: number | null = null,
): number | null {
  const { organizations } = setting.sizes;
  if (organizations === 0) return null;
  if (deleted && organizations >= 21) return 21 + 40 * random.integer(0, Math.floor((organizations - 21) / 40));
  if (other !== 1 && random.chance(0.02)) return 1;
  let organization = random.integer(1, organizations);
  for (let step = 0; step < organizations; step++) {
    if (!isOrganizationDeleted(organization) && organization % 5 !== 0 && organization !== other) return organization;
    organization = (organization % organizations) + 1;
  }
  return null;
}

function personOf(setting: AccountSetting, random: Random, organization: number | null): number | null {
  const { organizations, persons } = setting.sizes;
  if (organization === null || organization > persons) return null;
  const person = organization + organizations * random.integer(0, Math.floor((persons - organization) / organizations));
  return organizationOfPerson(setting, person) === organization && !isPersonDeleted(person) ? person : null;
}

function personWithoutOrganization(setting: AccountSetting, random: Random): number | null {
  const count = Math.floor(setting.sizes.persons / 20);
  return count === 0 ? null : 20 * random.integer(1, count);
}
