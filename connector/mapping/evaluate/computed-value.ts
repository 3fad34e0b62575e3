import type { AccountUser, FieldOption } from "../../account-catalog.ts";
import type { StreamName } from "../../stream-name.ts";
import { type Outcome, rejected, shown } from "../outcome.ts";
import { EMPTY, type Json, type JsonObject, NULL, present, toValue } from "../value.ts";
import type { NamedThing } from "../word-binder.ts";
import { optionsReader, type ReadIds, readOptionIds } from "./read-options.ts";
import { readReference } from "./read-shapes.ts";

type Reader = (record: JsonObject) => Outcome;

/** Reads the e-mail address or name of the user whose id `key` holds. Notes embed their user. */
export function readOwner(key: string, part: "email" | "name", users: readonly AccountUser[] | undefined): Reader {
  const byId = new Map((users ?? []).map((user) => [String(user.id), user]));
  return (record) => {
    const id = readReference(record[key]);
    if (id.state !== "present") return id;
    const user = byId.get(String(id.value)) ?? embeddedUser(record);
    return user === undefined ? rejected(`${shown(id.value)} is not a user of the account`) : toValue(user[part]);
  };
}

function embeddedUser({ user }: JsonObject): Partial<Record<"email" | "name", Json>> | undefined {
  return typeof user === "object" && user !== null && !Array.isArray(user) ? user : undefined;
}

/** Reads the name of the pipeline or stage whose id `key` holds. */
export function readName(key: string, what: "pipeline" | "stage", list: readonly NamedThing[] | undefined): Reader {
  const names = new Map((list ?? []).map(({ id, label }) => [String(id), label]));
  return (record) => {
    const id = readReference(record[key]);
    if (id.state !== "present") return id;
    const name = names.get(String(id.value));
    return name === undefined ? rejected(`${shown(id.value)} is not a ${what} of the account`) : toValue(name);
  };
}

/** Reads the record's labels: those it came with (`include_labels`), else the options of its `label_ids`. */
export function readLabels(options: readonly FieldOption[] | undefined): Reader {
  const read = optionsReader(options ?? []);
  return (record) => read(labelsOf(record));
}

/** Reads the ids of the record's labels. */
export function readLabelIds(record: JsonObject): ReadIds {
  return readOptionIds(labelsOf(record));
}

function labelsOf(record: JsonObject): Json | undefined {
  return record["label_ids"] === undefined ? record["labels"] : record["label_ids"];
}

const pages: Readonly<Partial<Record<StreamName, string>>> = {
  deals: "deal",
  organizations: "organization",
  persons: "person",
};

/** Builds the address of the record's page in Pipedrive; empty while the account's sub-domain is unknown. */
export function readUrl(stream: StreamName, companyDomain: string | null): Reader {
  return ({ id }) => {
    if (id === null) return NULL;
    if (companyDomain === null || (typeof id !== "number" && typeof id !== "string")) return EMPTY;
    return present(`https://${companyDomain}.pipedrive.com/${pages[stream]}/${id}`);
  };
}
