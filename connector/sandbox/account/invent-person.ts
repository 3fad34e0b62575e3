import type { JsonObject } from "../../mapping/value.ts";
import { ownerIds } from "./account-people.ts";
import { type AccountSetting, DAY, importTime, wasImported } from "./account-setting.ts";
import { inventCustomFields } from "./custom-value.ts";
import { identityOf, inventPhone, toHostWord } from "./identity.ts";
import { toInstant } from "./instant.ts";
import { Random } from "./random.ts";
import { isPersonDeleted, organizationOfPerson } from "./relations.ts";

/**
 * Invents the person with this number, as `GET /api/v2/persons/{id}` gives it. One in twenty has no e-mail address, one
 * in twenty neither address nor telephone, one in twenty two addresses of which the second is primary.
 */
export function inventPerson(setting: AccountSetting, number: number): JsonObject {
  const random = new Random(setting.seed, "person", number);
  const organization = organizationOfPerson(setting, number);
  const identity = identityOf(setting, organization ?? number);
  const first = random.pick(identity.place.firstNames);
  const last = random.pick(identity.place.lastNames);
  const slot = number % 20;
  const latest = wasImported(number) ? importTime : setting.now - 3600;
  const added = latest - random.integer(40, 1400) * DAY - random.integer(0, DAY);
  const changed = wasImported(number) ? importTime : random.integer(added, latest);
  const updated = isPersonDeleted(number) ? setting.now - random.integer(3, 25) * DAY : changed;
  const customFields = inventCustomFields("persons", { setting, identity, number, added }, random, 0.4);
  if (number % 8 === 3) for (const code of Object.keys(customFields).slice(2, 7)) delete customFields[code];
  return {
    id: number,
    name: slot === 7 ? first : `${first} ${last}`,
    first_name: first,
    last_name: slot === 7 ? null : last,
    owner_id: random.pick(ownerIds),
    org_id: organization,
    add_time: toInstant(added),
    update_time: number % 120 === 19 ? null : toInstant(updated),
    emails: inventEmails(slot, `${toHostWord(first) || "person"}.${toHostWord(last) || number}`, identity.domain),
    phones: slot === 2 ? [] : [{ value: inventPhone(identity.place, random), primary: true, label: "work" }],
    is_deleted: isPersonDeleted(number),
    visible_to: 3,
    label_ids: random.chance(0.3) ? [random.integer(1, 2)] : [],
    picture_id: null,
    custom_fields: number % 14 === 9 ? null : customFields,
  };
}

function inventEmails(slot: number, mailbox: string, domain: string): JsonObject[] {
  if (slot === 1 || slot === 2) return [];
  const work = { value: `${mailbox}@${domain}`, primary: slot !== 3, label: "work" };
  // Users type addresses with capitals.
  if (slot === 4) return [{ ...work, value: `${mailbox.toUpperCase()}@${domain}` }];
  return slot === 3 ? [work, { value: `${mailbox}@post.example`, primary: true, label: "home" }] : [work];
}
