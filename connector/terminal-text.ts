/**
 * Characters that command a terminal, turn the direction of what follows, or end a line where nobody sees it; line ends and tabs
 * are none of them here.
 */
const commands = /(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** A text of any lines that a terminal takes as text: what would command it, which records may hold, becomes spaces. */
export function terminalText(text: string): string {
  return text.replace(commands, " ");
}
