/** The types of JSON Schema in the words of people, after "must be". */
export const typeWords = {
  string: "text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "`key: value` lines",
} as const;
