/** The parts of a Postgres error that name things of the schema, and never a value. */
interface DataError {
  code: string;
  severity: string;
  schema?: string;
  table?: string;
  column?: string;
  constraint?: string;
  routine?: string;
}

/** The classes of Postgres errors that may quote values of rows: data, integrity, and what functions raise. */
const quoting = /^(?:22|23|P0)/;

/** Returns an error's message as logs may hold it: without a value that Postgres quotes from a row. */
export function toldMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isDataError(error) ? namesOf(error) : error.message;
}

/** Returns an error's stack, or else its message, as logs may hold it. */
export function toldStack(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!isDataError(error)) return error.stack ?? error.message;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [`error: ${namesOf(error)}`, ...frames].join("\n");
}

function isDataError(error: Error): error is Error & DataError {
  const { code, severity } = error as Error & Partial<DataError>;
  return typeof code === "string" && typeof severity === "string" && quoting.test(code);
}

function namesOf({ code, schema, table, column, constraint, routine }: DataError): string {
  const where = [
    table === undefined ? undefined : `table ${[schema, table].filter((part) => part !== undefined).join(".")}`,
    column === undefined ? undefined : `column ${column}`,
    constraint === undefined ? undefined : `constraint ${constraint}`,
    routine === undefined ? undefined : `routine ${routine}`,
  ].filter((part) => part !== undefined);
  return `Postgres refused a value (error ${[code, ...where].join(", ")}); \`runs last\` shows its words`;
}
