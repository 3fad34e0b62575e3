import { Failure } from "../failure.ts";
import type { JsonObject } from "../mapping/value.ts";
import { readSpecification, type Specification } from "./specification.ts";

/** The modes of Airbyte's protocol that `write` takes. */
const destinationModes = ["append", "append_dedup", "overwrite", "update"];

/**
 * Returns the ConnectorSpecification of the connector as a destination: spec.json, without what a destination does not
 * use. The database must be named: the default folder would be gone with the container.
 */
export function destinationSpecification(): Specification {
  const specification = readSpecification();
  const { connectionSpecification: root } = specification;
  const { properties, groups } = root as { properties: Record<string, JsonObject>; groups: { id: string }[] };
  const isUsed = (key: string, { group }: JsonObject) => group !== "service" && key !== "start_date";
  const kept = Object.entries(properties).filter(([key, property]) => isUsed(key, property));
  const { default: _, ...database } = properties["database"]!;
  const used = new Set(kept.map(([, { group }]) => group));
  const titles: Readonly<Record<string, string>> = { planhat: "Planhat and the database", reading: "Limits" };
  return {
    ...specification,
    connectionSpecification: {
      ...root,
      required: [...(root["required"] as string[]), "database"],
      groups: groups.filter(({ id }) => used.has(id)).map((group) => ({ ...group, ...titleOf(titles[group.id]) })),
      properties: Object.fromEntries(kept.map(([key, one]) => [key, key === "database" ? database : one])),
    },
    supported_destination_sync_modes: destinationModes,
  };
}

function titleOf(title: string | undefined): { title?: string } {
  return title === undefined ? {} : { title };
}

/** Throws a Failure of kind `usage` if a destination's config, as its file has it, names no database. */
export function requireDatabase(written: JsonObject): void {
  if (written["database"] !== undefined) return;
  throw new Failure("usage", "The destination's config names no `database`.", {
    hint: "Name a Postgres server (postgres://…), or a folder that outlives the container.",
    remedy: "change",
  });
}
