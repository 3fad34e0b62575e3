import { dayOf } from "../day.ts";
import { decimalJson, decimalOf, divided, multiplied } from "../decimal.ts";
import { type Outcome, rejected, shown } from "../outcome.ts";
import { type JsonObject, NULL, present } from "../value.ts";
import { readPlain } from "./read-shapes.ts";

/** The parts of `$period`, each with the keys of the product that it is computed from. */
export const periodParts = {
  first_day: ["billing_start_date"],
  last_day: ["billing_frequency", "billing_frequency_cycles", "billing_start_date"],
  months: ["billing_frequency", "billing_frequency_cycles"],
  fixed: ["billing_frequency", "billing_frequency_cycles"],
  mrr: ["billing_frequency", "sum"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A part of `$period`. */
export type PeriodPart = keyof typeof periodParts;

/** The length of one billing cycle, in months or weeks (openapi-v2.yaml, `billing_frequency`). */
type Cycle = { months: number } | { weeks: number };

const cycles: Readonly<Record<string, Cycle>> = {
  annually: { months: 12 },
  "semi-annually": { months: 6 },
  quarterly: { months: 3 },
  monthly: { months: 1 },
  weekly: { weeks: 1 },
};

const weeksOfAYear = decimalOf(52)!;
const monthsOfAYear = decimalOf(12)!;

/**
 * Computes one part of the term of a deal's product. A part that Pipedrive does not give stays empty. A product sold
 * once has no term, and one billed indefinitely no last day: those parts are null, so that a row which had them loses
 * them. `startDate` is the deal's start date, used if the product has no billing start date.
 */
export function periodOf(part: PeriodPart, product: JsonObject, startDate: Outcome): Outcome {
  switch (part) {
    case "first_day":
      return firstDay(product, startDate);
    case "last_day":
      return lastDay(product, startDate);
    case "months":
      return months(product);
    case "fixed":
      return fixed(product);
    case "mrr":
      return monthlyRevenue(product);
  }
}

function firstDay(product: JsonObject, startDate: Outcome): Outcome {
  const given = product["billing_start_date"];
  const own = typeof given === "string" ? dayOf(given) : undefined;
  return own === undefined ? startDate : present(own);
}

/** Returns the cycle, or its state without one: null for a product sold once, empty if not given. */
function cycleOf(product: JsonObject): { cycle: Cycle } | Outcome {
  const frequency = readPlain(product["billing_frequency"]);
  if (frequency.state !== "present") return frequency;
  if (frequency.value === "one-time") return NULL;
  const cycle = Object.hasOwn(cycles, String(frequency.value)) ? cycles[String(frequency.value)] : undefined;
  return cycle === undefined ? rejected(`${shown(frequency.value)} is not a known billing frequency`) : { cycle };
}

/** Returns the number of billings: null for indefinitely, empty if not given. */
function countOf(product: JsonObject): { count: number } | Outcome {
  const given = readPlain(product["billing_frequency_cycles"]);
  if (given.state !== "present") return given;
  const count = typeof given.value === "boolean" ? Number.NaN : Number(given.value);
  if (Number.isSafeInteger(count) && count > 0 && count <= 10_000) return { count };
  return rejected(`${shown(given.value)} is not a number of billing cycles (at least 1)`);
}

/** Returns the length and the number of cycles, or the state of the one that is missing. */
function termOf(product: JsonObject): { cycle: Cycle; count: number } | Outcome {
  const cycle = cycleOf(product);
  if ("state" in cycle) return cycle;
  const count = countOf(product);
  return "state" in count ? count : { ...cycle, ...count };
}

function lastDay(product: JsonObject, startDate: Outcome): Outcome {
  const term = termOf(product);
  if ("state" in term) return term;
  const first = firstDay(product, startDate);
  if (first.state !== "present") return first;
  const day = String(first.value);
  const last =
    "weeks" in term.cycle
      ? daysAfter(day, term.count * term.cycle.weeks * 7 - 1)
      : lastOfMonths(day, term.count * term.cycle.months);
  return last > "9999-12-31" || last.length !== 10
    ? rejected(`${term.count} billing cycles end in no year that a date can hold`)
    : present(last);
}

function months(product: JsonObject): Outcome {
  const term = termOf(product);
  if ("state" in term) return term;
  if ("months" in term.cycle) return present(term.count * term.cycle.months);
  const weeks = decimalOf(term.count * term.cycle.weeks)!;
  return present(decimalJson(divided(multiplied(weeks, monthsOfAYear), weeksOfAYear)));
}

function fixed(product: JsonObject): Outcome {
  const cycle = cycleOf(product);
  if ("state" in cycle) return cycle;
  const count = countOf(product);
  if (!("state" in count)) return present(true);
  return count.state === "null" ? present(false) : count;
}

/**
 * Computes the monthly share of `sum`, the amount of one billing: price times quantity, less the discount, plus the tax
 * if it is added.
 */
function monthlyRevenue(product: JsonObject): Outcome {
  const found = cycleOf(product);
  if ("state" in found) return found;
  const sum = readPlain(product["sum"]);
  if (sum.state !== "present") return sum;
  const amount = typeof sum.value === "boolean" ? undefined : decimalOf(sum.value as number | string);
  if (amount === undefined) return rejected(`${shown(sum.value)} is not a number`);
  const { cycle } = found;
  const monthly =
    "months" in cycle
      ? divided(amount, decimalOf(cycle.months)!)
      : divided(multiplied(amount, weeksOfAYear), multiplied(monthsOfAYear, decimalOf(cycle.weeks)!));
  return present(decimalJson(monthly));
}

/**
 * Returns the last day, included, of a term of months: the day before the same day of the month. If that month is too
 * short, it is the month's last day. So a month from 31 January ends with February, and a year from 29 February with
 * the next February.
 */
function lastOfMonths(first: string, count: number): string {
  const [year, month, day] = first.split("-").map(Number) as [number, number, number];
  const lastOfMonth = utcDay(year, month + count, 0);
  const before = utcDay(year, month + count - 1, day - 1);
  return before < lastOfMonth ? before : lastOfMonth;
}

function daysAfter(day: string, count: number): string {
  const [year, month, date] = day.split("-").map(Number) as [number, number, number];
  return utcDay(year, month - 1, date + count);
}

/** Returns a day of the calendar. Months count from 0, and days outside a month continue in its neighbours. */
function utcDay(year: number, month: number, day: number): string {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  const text = Number.isNaN(date.getTime()) ? "+" : date.toISOString();
  return text.startsWith("+") || text.startsWith("-") ? "+" : text.slice(0, 10);
}
