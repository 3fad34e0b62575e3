/** Each check by its file and how it stands there, and what stands for it in the measurement. */
const checks = [
  // Records against their JSON Schemas.
  [
    "pipedrive/record-schema.js",
    "problemOf: (record) => (validate(record) ? undefined",
    "problemOf: () => (true ? undefined",
  ],
  // Texts and numbers that the database cannot hold, in pages and in columns.
  ["pipedrive/unstorable-text.js", "export function mayHoldUnstorable(text) {", "$& return false;"],
  ["pipedrive/unholdable-number.js", "export function mayHoldOddNumber(text) {", "$& return false;"],
  ["storable-text.js", "export function unstorable(text) {", "$& return undefined;"],
  ["storable-text.js", "export function unstorableJson(json) {", "$& return undefined;"],
  // That no other run took over, at the end of each transaction.
  ["database/fence.js", "export async function holdFence(transaction, runId) {", "$& return;"],
];

/** Takes the checks out of the modules of dist. Throws where one is not there as it was. */
export async function load(url, context, next) {
  const loaded = await next(url, context);
  const here = checks.filter(([file]) => url.endsWith(`/dist/${file}`));
  if (here.length === 0) return loaded;
  let source = String(loaded.source);
  for (const [file, check, instead] of here) {
    if (!source.includes(check)) throw new Error(`The check in ${file} is written otherwise now: ${check}`);
    source = source.replace(check, instead.replace("$&", check));
  }
  return { ...loaded, source };
}
