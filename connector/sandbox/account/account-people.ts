import type { JsonObject } from "../../mapping/value.ts";
import type { Seconds } from "./instant.ts";
import { offsetOf } from "./time-zone.ts";

const users: readonly (readonly [id: number, name: string, role: string])[] = [
  [11, "Ingrid Halvorsen", "admin"],
  [12, "Tomás Herrera", "sales"],
  [13, "Aoife Byrne", "sales"],
  [14, "Zsófia Nagy", "sales"],
  [15, "Marcus Lind", "sales"],
  [16, "Priya Raman", "left"],
];

/** The ids of the users who may own records. */
export const ownerIds: readonly number[] = users.map(([id]) => id);

/** The company of the account, as in `GET /v1/users/me`. */
export const company: JsonObject = {
  company_id: 8087566,
  company_name: "Fjord & Field",
  company_domain: "fjord-and-field",
  company_country: "EE",
  company_industry: "IT",
  language: { language_code: "en", country_code: "US" },
};

/**
 * Returns the six users of the account as `GET /v1/users` lists them (API v1); the first is the admin who owns the
 * token.
 */
export function inventUsers({ now, timeZone }: { now: Seconds; timeZone: string }): JsonObject[] {
  return users.map(([id, name, role]) => ({
    id,
    name,
    email: `${name
      .split(" ")[0]!
      .normalize("NFD")
      .replace(/[^A-Za-z]/g, "")
      .toLowerCase()}@fjord-and-field.example`,
    default_currency: "EUR",
    locale: "et_EE",
    lang: 1,
    phone: id % 2 === 0 ? null : `+372 555 01${id}`,
    activated: true,
    active_flag: role !== "left",
    is_deleted: role === "left",
    is_admin: role === "admin" ? 1 : 0,
    is_you: role === "admin",
    last_login: "2026-11-21 08:45:56",
    created: "2018-11-13 09:16:26",
    modified: "2026-11-21 08:45:56",
    has_created_company: role === "admin",
    role_id: 1,
    icon_url: null,
    timezone_name: timeZone,
    timezone_offset: offsetOf(now, timeZone),
    // Entries are missing, not false, if the user is not an admin (API v1, users/me as seen on real accounts).
    access:
      role === "admin"
        ? [{ app: "sales", admin: true, permission_set_id: "62cc4d7f-4038-4352-abf3-a8c1c822b631" }]
        : [],
  }));
}
