import type { JsonObject } from "../../mapping/value.ts";
import { ownerIds } from "./account-people.ts";
import { type AccountSetting, DAY, importTime, wasImported } from "./account-setting.ts";
import { toOldInstant } from "./instant.ts";
import { Random } from "./random.ts";
import { isOrganizationDeleted, organizationOfPerson, partiesOfDeal } from "./relations.ts";

const contents: readonly string[] = [
  "<p>Called. They want the <b>yearly plan</b>, starting in spring.</p>",
  "<p>Next steps:</p><ul><li>send the offer</li><li>ask legal</li></ul>",
  '<p>See <a href="https://docs.example/offer?id=1&amp;v=2">the offer</a>.<br>Budget is 12&nbsp;000&nbsp;€.</p>',
  "<div>Très intéressés – rappeler lundi 🙂</div>",
  "Plain text without any tag",
  "<p>Met at the fair.&nbsp;</p><p></p><p>Ärger mit dem alten Anbieter &lt;strong&gt;.</p>",
  "<p>お世話になっております。次回は来週です。</p>",
];

const slots: readonly string[] = ["parties", "organization", "person", "bare deal"];

interface Parents {
  deal: number | null;
  person: number | null;
  organization: number | null;
  lead: string | null;
}

/**
 * Invents the note with this number in the shape of API v1, without the `organization`, `person`, `deal` and `user`
 * summaries, which are read when it is served. Six in ten are on a deal with its parties filled in, as the API does on
 * creation. The others are on a deal, an organization or a person alone, and one in a hundred on a lead only.
 */
export function inventNote(setting: AccountSetting, number: number): JsonObject {
  const random = new Random(setting.seed, "note", number);
  const parents = inventParents(setting, number, random);
  const latest = wasImported(number) ? importTime : setting.now - 3600;
  const added = latest - random.integer(1, 1800) * DAY - random.integer(0, DAY);
  const edited = random.chance(0.3) ? random.integer(added, latest) : added;
  return {
    id: number,
    user_id: random.pick(ownerIds),
    deal_id: parents.deal,
    person_id: parents.person,
    org_id: parents.organization,
    lead_id: parents.lead,
    content: random.chance(0.2) ? `${random.pick(contents)}${random.pick(contents)}` : random.pick(contents),
    add_time: toOldInstant(added),
    update_time: toOldInstant(wasImported(number) ? importTime : edited),
    active_flag: number % 50 !== 3,
    pinned_to_lead_flag: false,
    pinned_to_deal_flag: parents.deal !== null && random.chance(0.1),
    pinned_to_organization_flag: parents.organization !== null && random.chance(0.1),
    pinned_to_person_flag: false,
    last_update_user_id: edited === added ? null : random.pick(ownerIds),
  };
}

function inventParents(setting: AccountSetting, number: number, random: Random): Parents {
  const { deals, organizations, persons } = setting.sizes;
  const none: Parents = { deal: null, person: null, organization: null, lead: null };
  const slot = number % 100 === 77 ? "lead" : slots[number % 7];
  if (slot === "person" && persons > 0) {
    const person = random.integer(1, persons);
    return { ...none, person, organization: random.chance(0.5) ? organizationOfPerson(setting, person) : null };
  }
  if (slot === "organization" && organizations > 0) {
    const organization = random.integer(1, organizations);
    return { ...none, organization: isOrganizationDeleted(organization) ? 1 : organization };
  }
  if (slot !== "lead" && deals > 0) {
    const deal = random.integer(1, deals);
    return slot === "bare deal" ? { ...none, deal } : { ...none, deal, ...partiesOfDeal(setting, deal) };
  }
  return { ...none, lead: `adf21080-0e10-11eb-879b-${String(number).padStart(12, "0")}` };
}
