import type { JsonObject } from "../../mapping/value.ts";
import { ownerIds } from "./account-people.ts";
import { type AccountSetting, DAY, importTime, wasImported } from "./account-setting.ts";
import { inventCustomFields } from "./custom-value.ts";
import { identityOf, inventAddress } from "./identity.ts";
import { toInstant } from "./instant.ts";
import { Random } from "./random.ts";
import { isOrganizationDeleted } from "./relations.ts";

/**
 * Invents the organization with this number, as `GET /api/v2/organizations/{id}` gives it. Every eleventh has no
 * address, every seventh lacks the keys of some custom fields, every thirteenth has no custom fields at all (null).
 */
export function inventOrganization(setting: AccountSetting, number: number): JsonObject {
  const random = new Random(setting.seed, "organization", number);
  const identity = identityOf(setting, number);
  const deleted = isOrganizationDeleted(number);
  const latest = wasImported(number) ? importTime : setting.now - 3600;
  const added = latest - random.integer(60, 1500) * DAY - random.integer(0, DAY);
  const changed = wasImported(number) ? importTime : random.integer(added, latest);
  const updated = deleted ? setting.now - random.integer(3, 25) * DAY : changed;
  const customFields = inventCustomFields("organizations", { setting, identity, number, added }, random);
  if (number % 7 === 3) for (const code of Object.keys(customFields).slice(0, 6)) delete customFields[code];
  const employees = random.integer(3, 4000);
  return {
    id: number,
    name: identity.name,
    owner_id: random.pick(ownerIds),
    add_time: toInstant(added),
    update_time: number % 90 === 17 ? null : toInstant(updated),
    is_deleted: deleted,
    visible_to: 3,
    label_ids: random.chance(0.6) ? random.some([1, 2, 3], 2) : [],
    picture_id: null,
    address: number % 11 === 5 ? null : inventAddress(identity.place, random),
    website: number % 9 === 4 ? null : `https://www.${identity.domain}/`,
    linkedin: random.chance(0.3) ? `https://www.linkedin.com/company/${identity.domain.replace(".example", "")}` : null,
    industry: random.chance(0.7) ? random.integer(1, 5) : null,
    annual_revenue: random.chance(0.5) ? employees * 120_000 : random.chance(0.2) ? 0 : null,
    employee_count: random.chance(0.8) ? employees : null,
    custom_fields: number % 13 === 6 ? null : customFields,
  };
}
