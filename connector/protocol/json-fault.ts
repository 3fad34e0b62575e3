/**
 * Returns what JSON.parse found wrong, without the text that it quotes: that may be a customer's record, and goes to
 * logs.
 */
export function jsonFault(error: unknown): string {
  const { message } = error as Error;
  return message.replace(/, (?:\.\.\. ?)?"[\s\S]*" ?(?:\.\.\. ?)?is not valid JSON$/, "");
}
