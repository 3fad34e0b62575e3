import { compilePattern, type Instruction, type Program } from "./pattern-program.ts";

/** The longest text that is looked at; what follows is not. */
const longestText = 10_000;

/** A pattern that answers in time proportional to the text's length, whatever the two say. */
export interface Pattern {
  test(text: string): boolean;
}

/**
 * Compiles a regular expression of the safe part of the language: characters, `.`, classes, `\d \w \s \b`, groups,
 * `|`, `^`, `$` and the repetitions `* + ? {m,n}`; `(?i)` in front ignores case. All alternatives are followed at once
 * (Thompson's construction), so there is nothing to backtrack and no text makes it hang. Returns the fault of a pattern
 * that is wrong or wants more (back-references, look-around).
 */
export function safePattern(source: string): Pattern | { fault: string } {
  const program = compilePattern(source);
  return "fault" in program ? program : { test: (text) => matches(program, text.slice(0, longestText)) };
}

function matches({ instructions, ignoreCase }: Program, original: string): boolean {
  const text = ignoreCase ? original.toLowerCase() : original;
  let threads: number[] = [];
  const reached = new Int32Array(instructions.length).fill(-1);
  let at = 0;
  while (true) {
    const code = text.codePointAt(at);
    // The search may start anywhere: one more thread at each character.
    const current: number[] = [];
    for (const thread of threads) if (follow(instructions, thread, text, at, current, reached)) return true;
    if (follow(instructions, 0, text, at, current, reached)) return true;
    if (code === undefined) return false;
    threads = [];
    for (const thread of current) {
      const instruction = instructions[thread]!;
      if (instruction.kind === "character" && instruction.matches(code)) threads.push(thread + 1);
    }
    at += code > 0xffff ? 2 : 1;
  }
}

/** Follows jumps and assertions from one instruction; collects the characters that may come next. True at the end of the pattern. */
function follow(
  instructions: readonly Instruction[],
  start: number,
  text: string,
  at: number,
  current: number[],
  reached: Int32Array,
): boolean {
  const stack = [start];
  while (stack.length > 0) {
    const thread = stack.pop()!;
    if (reached[thread] === at) continue;
    reached[thread] = at;
    const instruction = instructions[thread]!;
    switch (instruction.kind) {
      case "character":
        current.push(thread);
        break;
      case "jump":
        stack.push(...instruction.to);
        break;
      case "assertion":
        if (instruction.holds(text, at)) stack.push(thread + 1);
        break;
      case "match":
        return true;
    }
  }
  return false;
}
