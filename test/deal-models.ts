import { readFileSync } from "node:fs";
import { packageRoot } from "../connector/package-root.ts";

/** Mapping files of organizations, persons and notes with as little as they need. */
export const otherFiles = {
  "organizations.yaml": "stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n",
  "persons.yaml": "stream: persons\nfields:\n  - {planhat: email, pipedrive: emails.primary}\n",
  "notes.yaml": "stream: notes\nfields:\n  - {planhat: description, pipedrive: content}\n",
};

/** Returns the text of a shipped mapping file. */
export function shipped(file: string): string {
  return readFileSync(`${packageRoot}mappings/${file}`, "utf8");
}

/** The shipped mapping files for tenants with Deal and Line Item. */
export const dealFiles = {
  "deals.yaml": shipped("deal-models/deals.yaml"),
  "deal_products.yaml": shipped("deal-models/deal_products.yaml"),
};

/** The shipped mapping file for tenants with License and Sale. */
export const licenseFiles = { "deals.yaml": shipped("deals.yaml") };
