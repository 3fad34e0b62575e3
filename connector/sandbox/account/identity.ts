import type { AccountSetting } from "./account-setting.ts";
import { type CustomerPlace, places, trades } from "./places.ts";
import { Random } from "./random.ts";

/** The identity of an invented organization. */
export interface Identity {
  name: string;
  place: CustomerPlace;
  /** Its web domain, below `.example`, which cannot be registered (RFC 2606). */
  domain: string;
}

/** Invents the name, country and domain of the organization with this number. */
export function identityOf(setting: AccountSetting, organization: number): Identity {
  const random = new Random(setting.seed, "identity", organization);
  const place = random.pick(places);
  const business = random.pick(place.businesses);
  const trade = random.pick(trades);
  const legalForm = random.pick(place.legalForms);
  const name = `${business} ${trade} ${legalForm}`;
  return { name, place, domain: `${toHostWord(`${business} ${trade}`) || "org"}-${organization}.example` };
}

const lettersWithoutMark: Record<string, string> = { ł: "l", ø: "o", æ: "ae", ß: "ss", ı: "i", đ: "d" };

/** Returns lower-case ASCII words joined by hyphens, as in host names and mail addresses; empty if nothing is left. */
export function toHostWord(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[łøæßıđ]/g, (letter) => lettersWithoutMark[letter] ?? letter)
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/**
 * Invents an address in a place as the API gives it (section "address" of organizations, API v2), without
 * formatted_address.
 */
export function inventAddress(place: CustomerPlace, random: Random): Record<string, string> {
  const [city, region, postal] = random.pick(place.cities);
  const route = random.pick(place.streets);
  const number = String(random.integer(1, 180));
  const code = `${postal}${random.integer(100, 999)}`;
  return {
    value: `${route} ${number}, ${code} ${city}, ${place.country}`,
    country: place.country,
    admin_area_level_1: region,
    admin_area_level_2: "",
    locality: city,
    sublocality: "",
    route,
    street_number: number,
    subpremise: random.chance(0.1) ? String(random.integer(1, 20)) : "",
    postal_code: code,
  };
}

/** Invents a telephone number from the place's range for fiction, or close to it. */
export function inventPhone(place: CustomerPlace, random: Random): string {
  return `${place.phone}${random.integer(100, 999)}`;
}
