import { type ModelName, type RevenueKind, revenueKindOf } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import type { PlacedStream } from "../compile/compile-stream.ts";
import { receives } from "../direction.ts";
import type { Report } from "../language/report.ts";

/** A compiled mapping file and the recipient of its problems. */
export interface ReportedStream {
  stream: PlacedStream;
  report: Report;
}

const kindNames: Readonly<Record<RevenueKind, string>> = {
  licenses: "License and Sale",
  deals: "Deal and Line Item",
};

/**
 * Checks what deals and their products become together: a tenant has one kind of revenue models, line items belong to
 * deals, and revenue must not count twice. Returns the kind; undefined if there is none, or it is wrong (reported).
 */
export function checkRevenueKind(
  streams: Partial<Record<StreamName, ReportedStream>>,
  asksForProducts: boolean,
): RevenueKind | undefined {
  const { deals, deal_products: products } = streams;
  const all = [deals, products].flatMap((one) => (one === undefined ? [] : entriesOf(one)));
  const kind = all[0]?.kind;
  for (const { model, place, report, kind: own } of all) {
    if (own === kind) continue;
    report.error(
      place,
      `\`${model}\` is for tenants with ${kindNames[own]}, and deals become ${kindNames[kind!]}; no tenant has both.`,
      "Map deals and their products to models of one kind: license and sale, or deal and lineitem.",
    );
    return undefined;
  }
  if (deals === undefined || products === undefined || !receives(products.stream.stream.direction)) return kind;
  const [first] = deals.stream.models;
  if (kind === "deals" && first === undefined) {
    const item = products.stream.models[0]!;
    products.report.error(
      item.place,
      "A line item belongs to a deal, and deals.yaml makes no deal.",
      "Add an entry of the model deal to deals.yaml.",
    );
    return undefined;
  }
  if (kind === "licenses" && first !== undefined && !deals.stream.mayBeNone && !asksForProducts) {
    deals.report.warning(
      first.place,
      "A deal with products becomes a row here, and each of its products too (deal_products.yaml): its revenue counts twice.",
      "Add a first entry: - {model: none, when: {products: some}}",
    );
  }
  return kind;
}

function entriesOf({ stream: { models }, report }: ReportedStream) {
  return models.flatMap(({ model, place }: PlacedStream["models"][number]) => {
    const kind = revenueKindOf(model as ModelName);
    return kind === undefined ? [] : [{ model, place, kind, report }];
  });
}
