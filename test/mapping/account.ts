import type { AccountCatalog, AccountField } from "../../connector/account-catalog.ts";

/** Returns a 40-digit key that is easy to tell from others. */
export function key(letter: string): string {
  return letter.repeat(40);
}

const industry: AccountField = {
  label: "Industry",
  key: "industry",
  type: "enum",
  custom: false,
  options: [
    { id: 1, label: "Manufacturing" },
    { id: 2, label: "Retail" },
  ],
};

const labels: AccountField = {
  label: "Labels",
  key: "label_ids",
  type: "set",
  custom: false,
  options: [
    { id: 5, label: "Customer" },
    { id: 6, label: "Hot, very" },
  ],
};

function builtIn(label: string, fieldKey: string, type: string): AccountField {
  return { label, key: fieldKey, type, custom: false };
}

function custom(label: string, letter: string, type: string, options?: AccountField["options"]): AccountField {
  return { label, key: key(letter), type, custom: true, ...(options === undefined ? {} : { options }) };
}

/** An invented account with every kind of custom field, a label that two fields share, and labels with dots. */
export const account: AccountCatalog = {
  companyDomain: "acme",
  fields: {
    organizations: [
      builtIn("Name", "name", "varchar"),
      builtIn("Number of employees", "employee_count", "int"),
      industry,
      labels,
      custom("Industry", "a", "enum", [
        { id: 17, label: "Software" },
        { id: 18, label: "Steel, wood" },
        { id: 19, label: "Coal", gone: true },
      ]),
      custom("Tier", "b", "enum", [
        { id: 21, label: "Gold" },
        { id: 22, label: "Silver" },
      ]),
      custom("Region", "c", "varchar"),
      custom("Region", "d", "varchar"),
      custom("Rev. 2026", "e", "monetary"),
      custom("$pecial", "f", "double"),
      custom("Products", "1", "set", [
        { id: 31, label: "Core" },
        { id: 32, label: "Support, premium" },
      ]),
      custom("Seats", "2", "double"),
      custom("Head office", "3", "address"),
    ],
    persons: [
      builtIn("Email", "email", "varchar"),
      builtIn("Phone", "phone", "phone"),
      labels,
      custom("Role", "4", "varchar"),
    ],
    deals: [
      builtIn("Status", "status", "status"),
      labels,
      custom("Contract start", "5", "date"),
      custom("Contract period", "6", "daterange"),
      custom("Deal type", "7", "enum", [
        { id: 41, label: "Subscription" },
        { id: 42, label: "One-off" },
        { id: 43, label: "Services" },
      ]),
      custom("Call slot", "8", "time"),
      custom("Partner", "9", "org"),
    ],
  },
  pipelines: [
    { id: 1, name: "Sales" },
    { id: 2, name: "Renewals" },
    { id: 3, name: "Partners" },
    { id: 4, name: "Partners" },
  ],
  stages: [{ id: 11, name: "Lead in", pipelineId: 1 }],
  users: [{ id: 7, name: "Ivo Mets", email: "ivo@acme.test" }],
};
