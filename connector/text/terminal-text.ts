/**
 * Characters that command a terminal, change the direction of text, or end a line invisibly. Line ends and tabs are not
 * among them.
 */
const commands = /(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Returns a text of any lines that is safe on a terminal: commands, which records may hold, become spaces. */
export function terminalText(text: string): string {
  return text.replace(commands, " ");
}
