/** The schemas of the hub (contract, section 6). */
export const hubSchemas = ["pipedrive", "planhat", "connector"] as const;
