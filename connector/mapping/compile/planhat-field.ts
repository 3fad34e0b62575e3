import type { ModelName } from "../../model-name.ts";
import { didYouMean, nearestWord } from "../../text/nearest-word.ts";
import type { Place } from "../language/located.ts";
import type { Report } from "../language/report.ts";
import type { ModelCatalogProperty } from "./model-catalog.ts";

/** Fields that the connector sets itself, in the spellings users may try. */
const ownFields = new Set([
  "id",
  "_id",
  "planhatId",
  "planhat_id",
  "sourceId",
  "source_id",
  "externalId",
  "external_id",
  "companyId",
  "company_id",
  "dealId",
  "deal_id",
  "createdAt",
  "created_at",
  "updatedAt",
  "updated_at",
]);

/** Fields of the newer revenue models that Planhat alone fills (Planhat API, Deal and Line Item). */
const computedByPlanhat: Readonly<Partial<Record<ModelName, readonly string[]>>> = {
  deal: ["arr", "renewalDate", "startDate", "endDate", "companyName"],
  lineitem: ["status"],
};

/** The model whose fields are filled, with its properties. */
interface FieldOwner {
  model: ModelName;
  properties: readonly ModelCatalogProperty[];
  report: Report;
}

/** Returns true if a mapping may fill this field of the model; otherwise reports why not, with the nearest word. */
export function checkPlanhatField(name: string, place: Place, { model, properties, report }: FieldOwner): boolean {
  if (name.startsWith("custom.")) {
    if (name.length > "custom.".length) return true;
    report.error(place, "`custom.` needs the name of a custom field of Planhat, as in `custom.Industry`.");
    return false;
  }
  if (ownFields.has(name) || (model === "note" && name === "type")) {
    report.error(place, `\`${name}\` is set by the connector and is not mapped.`, "Remove this entry.");
    return false;
  }
  if (computedByPlanhat[model]?.includes(name) === true) {
    report.error(place, `\`${name}\` of a ${model} is computed by Planhat and is not mapped.`, "Remove this entry.");
    return false;
  }
  if (properties.some((property) => property.name === name)) return true;
  const names = properties.map((property) => property.name).filter((known) => !(model === "note" && known === "type"));
  const near = nearestWord(
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    names,
  );
  const custom = `for a custom field write \`custom.${name === "custom" ? "Name" : name}\``;
  report.error(
    place,
    `Planhat's ${model} has no field \`${name}\`.`,
    near === undefined ? `It has: ${names.join(", ")}; ${custom}.` : `${didYouMean(name, near)} Or ${custom}.`,
  );
  return false;
}
