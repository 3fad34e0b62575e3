/** The words of people for what the program calls otherwise. */
const models: Readonly<Record<string, [one: string, many: string]>> = {
  company: ["company", "companies"],
  enduser: ["end user", "end users"],
  note: ["note", "notes"],
  license: ["license", "licenses"],
  sale: ["sale", "sales"],
  deal: ["deal", "deals"],
  lineitem: ["line item", "line items"],
};

const streams: Readonly<Record<string, [one: string, many: string]>> = {
  organizations: ["organization", "organizations"],
  persons: ["person", "persons"],
  notes: ["note", "notes"],
  deals: ["deal", "deals"],
  deal_products: ["product of a deal", "products of deals"],
};

const directions: Readonly<Record<string, string>> = {
  both: "Both directions",
  send: "Send to Pipedrive",
  receive: "Receive from Pipedrive",
  none: "None",
};

const skips: Readonly<Record<string, string>> = {
  direction_none: "direction is None",
  not_won: "not won",
  pipeline_not_selected: "pipeline not selected",
  no_organization: "no organization",
  no_start_date: "no valid start date",
  deleted: "deleted in Pipedrive",
  archived: "archived",
  not_associated: "no eligible deal",
  not_enabled: "product not enabled",
  forgotten: "forgotten",
};

const many = new Intl.NumberFormat("en-US");

/** The streams in the order of people: companies first. */
const order = ["organizations", "persons", "notes", "deals", "deal_products"];

/** Compares two things of streams by the order of people. */
export function byStream(one: { stream: string | null }, other: { stream: string | null }): number {
  return order.indexOf(one.stream ?? "") - order.indexOf(other.stream ?? "");
}

/** Returns a number with its thousands apart. */
export function number(value: number): string {
  return many.format(value);
}

/** Returns a count and its noun: `1 company`, `213 companies`. */
export function count(value: number, one: string, several = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : several}`;
}

/** Returns a count of rows of a model. */
export function rowsOf(value: number, model: string): string {
  const [one, several] = models[model] ?? [model, `${model}s`];
  return count(value, one, several);
}

/** Returns a count of records of a stream. */
export function recordsOf(value: number, stream: string): string {
  const [one, several] = streams[stream] ?? [stream, stream];
  return count(value, one, several);
}

/** Returns the name of a model, for one row. */
export function modelName(model: string): string {
  return models[model]?.[0] ?? model;
}

const streamOfModel: Readonly<Record<string, string>> = {
  company: "organizations",
  enduser: "persons",
  note: "notes",
  license: "deals",
  sale: "deals",
  deal: "deals",
};

/** Returns the stream of a row's record; undefined where the row's id does not name one. */
export function streamOfRow(model: string, sourceId: string | null): string | undefined {
  return sourceId !== null && /^\d+$/.test(sourceId) ? streamOfModel[model] : undefined;
}

/** Returns the name of a stream, for one record. */
export function streamName(stream: string): string {
  return streams[stream]?.[0] ?? stream;
}

/** Returns a word with a large first letter. */
export function large(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** Returns a direction in Planhat's own words. */
export function directionName(direction: string): string {
  return directions[direction] ?? direction;
}

/** Returns why a record does not sync, as people say it. */
export function reasonName(reason: string): string {
  return skips[reason] ?? reason.replaceAll("_", " ");
}

const sentences: Readonly<Record<string, string>> = {
  direction_none: "the direction is None",
  pipeline_not_selected: "its pipeline is not selected",
  no_organization: "it has no organization",
  no_start_date: "it has no valid start date",
  not_associated: "no eligible deal brings it",
  no_row: "the mapping makes it no row",
};

/** Returns why a record does not sync, as the end of a sentence. */
export function reasonSentence(reason: string): string {
  return sentences[reason] ?? `it is ${reasonName(reason)}`;
}
