import type { ModelName } from "../model-name.ts";

/** Where Planhat lists the objects of a model, and how people call several of them. */
export interface ModelPath {
  path: string;
  things: string;
  /** Objects that one page of a list holds at most (Planhat API, list limits). */
  largestPage: number;
}

/** The path of each model; a note is a conversation of type note (Planhat API, Note). */
export const modelPaths: Readonly<Record<ModelName, ModelPath>> = {
  company: { path: "/companies", things: "companies", largestPage: 5000 },
  enduser: { path: "/endusers", things: "end users", largestPage: 2000 },
  note: { path: "/conversations", things: "notes", largestPage: 2000 },
  license: { path: "/licenses", things: "licenses", largestPage: 2000 },
  sale: { path: "/sales", things: "sales", largestPage: 2000 },
};

/** The models in the order in which they are published: companies before everything else, because all belong to one. */
export const publishingOrder: readonly ModelName[] = ["company", "enduser", "license", "sale", "note"];
