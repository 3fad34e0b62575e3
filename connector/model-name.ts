/** The kinds of Planhat object that rows represent, in the order in which they are stored. */
export const modelNames = ["company", "enduser", "note", "license", "sale", "deal", "lineitem"] as const;

/** A kind of Planhat object. */
export type ModelName = (typeof modelNames)[number];

/** Returns whether a value is the name of a model. */
export function isModelName(name: unknown): name is ModelName {
  return modelNames.some((model) => model === name);
}

/** The table of the `planhat` schema that holds each model's rows (contract, section 6). */
export const tableOf: Record<ModelName, string> = {
  company: "companies",
  enduser: "endusers",
  note: "notes",
  license: "licenses",
  sale: "sales",
  deal: "deals",
  lineitem: "lineitems",
};

/** The two kinds of revenue models. A tenant has one of them (planhat-revenue-models.md, section 1). */
export const revenueModels = {
  licenses: ["license", "sale"],
  deals: ["deal", "lineitem"],
} as const satisfies Readonly<Record<string, readonly ModelName[]>>;

/** A kind of revenue models: License and Sale, or Deal and Line Item. */
export type RevenueKind = keyof typeof revenueModels;

/** A model of either kind. */
export type RevenueModel = (typeof revenueModels)[RevenueKind][number];

/** Both kinds. */
export const revenueKinds = Object.keys(revenueModels) as RevenueKind[];

/** Returns the kind to which a revenue model belongs; undefined for other models. */
export function revenueKindOf(model: ModelName): RevenueKind | undefined {
  return revenueKinds.find((kind) => (revenueModels[kind] as readonly ModelName[]).includes(model));
}

/** Returns the other kind. */
export function otherKind(kind: RevenueKind): RevenueKind {
  return kind === "licenses" ? "deals" : "licenses";
}

/** A model to whose rows those of other models belong. */
export type ParentModel = "company" | "deal";

/** The model to whose rows the rows of each belong: those are stored first and removed last. Companies have none. */
export const parentOf: Readonly<Partial<Record<ModelName, ParentModel>>> = {
  enduser: "company",
  note: "company",
  license: "company",
  sale: "company",
  deal: "company",
  lineitem: "deal",
};
