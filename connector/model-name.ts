/** The kinds of Planhat object that rows represent, in the order in which they are stored. */
export const modelNames = ["company", "enduser", "note", "license", "sale"] as const;

/** A kind of Planhat object. */
export type ModelName = (typeof modelNames)[number];

/** The table of the `planhat` schema that holds each model's rows (contract, section 6). */
export const tableOf: Record<ModelName, string> = {
  company: "companies",
  enduser: "endusers",
  note: "notes",
  license: "licenses",
  sale: "sales",
};
