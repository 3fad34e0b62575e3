import type { ModelName } from "../model-name.ts";

/** The path of a model's list in Planhat, and the plural of its name. */
export interface ModelPath {
  path: string;
  things: string;
  /** One of them. */
  thing: string;
  /** Objects per page, the most allowed (Planhat API, list limits). */
  largestPage: number;
}

/** The path of each model; a note is a conversation of type note (Planhat API, Note). */
export const modelPaths: Readonly<Record<ModelName, ModelPath>> = {
  company: { path: "/companies", thing: "company", things: "companies", largestPage: 5000 },
  enduser: { path: "/endusers", thing: "end user", things: "end users", largestPage: 2000 },
  note: { path: "/conversations", thing: "note", things: "notes", largestPage: 2000 },
  license: { path: "/licenses", thing: "license", things: "licenses", largestPage: 2000 },
  sale: { path: "/sales", thing: "sale", things: "sales", largestPage: 2000 },
  deal: { path: "/deals", thing: "deal", things: "deals", largestPage: 2000 },
  lineitem: { path: "/lineitems", thing: "line item", things: "line items", largestPage: 2000 },
};

/**
 * The order in which models are published: companies first, because every other object belongs to one, and deals before
 * their line items.
 */
export const publishingOrder: readonly ModelName[] = [
  "company",
  "enduser",
  "license",
  "sale",
  "deal",
  "lineitem",
  "note",
];
