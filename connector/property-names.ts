/**
 * Names of Planhat's properties that no public document confirms, each as the connector calls it. Until they are known,
 * a config may give a tenant's own spelling of one in `planhat.names`; `check --planhat-probe` tries them.
 */
export const openPropertyNames = [
  "deal.currency",
  "deal.closeDate",
  "deal.ownerId",
  "deal.stage",
  "deal.total",
  "lineitem.dealId",
  "lineitem.name",
  "lineitem.type",
  "lineitem.currency",
  "lineitem.productId",
  "lineitem.length",
  "lineitem.autoRenews",
  "lineitem.renewalPeriod",
  "lineitem.renewalMrr",
  "lineitem.renewalArr",
  "lineitem.noticePeriod",
  "lineitem.noticeUnit",
] as const;

/** A property whose name is not confirmed. */
export type OpenPropertyName = (typeof openPropertyNames)[number];

/** A tenant's own spellings of properties. */
export type PropertyNames = Readonly<Partial<Record<OpenPropertyName, string>>>;

/** Returns the name of a model's property in a tenant. */
export function nameIn(names: PropertyNames, model: string, property: string): string {
  return names[`${model}.${property}` as OpenPropertyName] ?? property;
}
