/** One step of a compiled pattern. Characters and assertions go on to the next instruction. */
export type Instruction =
  | { kind: "character"; matches(code: number): boolean }
  | { kind: "jump"; to: number[] }
  | { kind: "assertion"; holds(text: string, at: number): boolean }
  | { kind: "match" };

/** A compiled pattern. */
export interface Program {
  instructions: Instruction[];
  ignoreCase: boolean;
}

/** More steps than a pattern that a person reads has. */
const mostInstructions = 2_000;
const mostRepetitions = 200;

type Test = (code: number) => boolean;

class PatternFault extends Error {}

/** Compiles a pattern, or says what is wrong with it as the end of a sentence. */
export function compilePattern(source: string): Program | { fault: string } {
  const ignoreCase = source.startsWith("(?i)");
  try {
    return { ignoreCase, instructions: new Parser(ignoreCase ? source.slice(4) : source, ignoreCase).parse() };
  } catch (error) {
    if (error instanceof PatternFault) return { fault: error.message };
    throw error;
  }
}

/** A piece of program whose jumps count from its own start. */
type Piece = Instruction[];

class Parser {
  readonly #source: string[];
  readonly #ignoreCase: boolean;
  #at = 0;
  #depth = 0;

  constructor(source: string, ignoreCase: boolean) {
    this.#source = Array.from(source);
    this.#ignoreCase = ignoreCase;
  }

  parse(): Instruction[] {
    const piece = this.#alternatives();
    if (this.#at < this.#source.length) throw new PatternFault("has a `)` without its `(`");
    return [...piece, { kind: "match" }];
  }

  #alternatives(): Piece {
    if (++this.#depth > 50) throw new PatternFault("has too many groups inside each other");
    let piece = this.#sequence();
    while (this.#take("|")) {
      const other = this.#sequence();
      piece = limited([
        { kind: "jump", to: [1, piece.length + 2] },
        ...moved(piece, 1),
        { kind: "jump", to: [piece.length + 2 + other.length] },
        ...moved(other, piece.length + 2),
      ]);
    }
    this.#depth--;
    return piece;
  }

  #sequence(): Piece {
    let piece: Piece = [];
    while (this.#at < this.#source.length && this.#peek() !== "|" && this.#peek() !== ")") {
      piece = joined(piece, this.#repeated());
    }
    return piece;
  }

  #repeated(): Piece {
    let piece = this.#atom();
    for (let count = 0; ; count++) {
      const bounds = this.#bounds();
      if (bounds === undefined) return piece;
      if (count > 0) throw new PatternFault("has a repetition right after a repetition");
      piece = repeat(piece, ...bounds);
      // Lazy or greedy is the same where only the answer yes or no counts.
      this.#take("?");
    }
  }

  #bounds(): [number, number] | undefined {
    if (this.#take("*")) return [0, Number.POSITIVE_INFINITY];
    if (this.#take("+")) return [1, Number.POSITIVE_INFINITY];
    if (this.#take("?")) return [0, 1];
    const match =
      this.#peek() === "{" ? /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#source.slice(this.#at).join("")) : null;
    if (match === null) return undefined;
    this.#at += match[0].length;
    const least = Number(match[1]);
    const most = match[2] === undefined ? least : match[3] === "" ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (least > most) throw new PatternFault(`has a repetition ${match[0]} that ends before it starts`);
    if (least > mostRepetitions || (most > mostRepetitions && most !== Number.POSITIVE_INFINITY)) {
      throw new PatternFault(`repeats more than ${mostRepetitions} times`);
    }
    return [least, most];
  }

  #atom(): Piece {
    const character = this.#source[this.#at++]!;
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return [{ kind: "character", matches: this.#class() }];
      case ".":
        return [{ kind: "character", matches: (code) => code !== 10 && code !== 13 }];
      case "^":
        return [{ kind: "assertion", holds: (_text, at) => at === 0 }];
      case "$":
        return [{ kind: "assertion", holds: (text, at) => at === text.length }];
      case "\\":
        return this.#escape();
      case "*":
      case "+":
      case "?":
        throw new PatternFault(`has a \`${character}\` with nothing before it to repeat`);
      default:
        return [{ kind: "character", matches: this.#literal(character) }];
    }
  }

  #group(): Piece {
    if (this.#take("?") && !this.#take(":")) {
      throw new PatternFault("uses `(?`, of which only `(?:…)` and a leading `(?i)` are understood (no look-around)");
    }
    const piece = this.#alternatives();
    if (!this.#take(")")) throw new PatternFault("has a `(` without its `)`");
    return piece;
  }

  #escape(): Piece {
    const character = this.#source[this.#at];
    if (character === "b") {
      this.#at++;
      return [{ kind: "assertion", holds: atWordBoundary }];
    }
    return [{ kind: "character", matches: this.#escaped() }];
  }

  #escaped(): Test {
    const character = this.#source[this.#at++];
    if (character === undefined) throw new PatternFault("ends in a `\\`");
    const known = classes.get(character);
    if (known !== undefined) return known;
    const control = { n: "\n", t: "\t", r: "\r" }[character];
    if (control !== undefined) return this.#literal(control);
    if (/[\p{L}\p{N}]/u.test(character)) throw new PatternFault(`uses \`\\${character}\`, which is not understood`);
    return this.#literal(character);
  }

  #class(): Test {
    const negated = this.#take("^");
    const tests: Test[] = [];
    for (let first = true; first || this.#peek() !== "]"; first = false) {
      const character = this.#source[this.#at++];
      if (character === undefined) throw new PatternFault("has a `[` without its `]`");
      if (character === "\\") tests.push(this.#escaped());
      else if (this.#peek() === "-" && this.#source[this.#at + 1] !== "]") tests.push(this.#range(character));
      else tests.push(this.#literal(character));
    }
    this.#at++;
    return (code) => tests.some((test) => test(code)) !== negated;
  }

  #range(from: string): Test {
    this.#at++;
    const to = this.#source[this.#at++];
    if (to === undefined || to === "\\") throw new PatternFault("has a range in `[…]` without its end");
    const [low, high] = [from.codePointAt(0)!, to.codePointAt(0)!];
    if (low > high) throw new PatternFault(`has a range ${from}-${to} that ends before it starts`);
    const inside: Test = (code) => code >= low && code <= high;
    return this.#ignoreCase
      ? (code) => inside(code) || inside(String.fromCodePoint(code).toUpperCase().codePointAt(0)!)
      : inside;
  }

  #literal(character: string): Test {
    const wanted = (this.#ignoreCase ? character.toLowerCase() : character).codePointAt(0)!;
    return (code) => code === wanted;
  }

  #peek(): string | undefined {
    return this.#source[this.#at];
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }
}

const isDigit: Test = (code) => code >= 48 && code <= 57;
const isWord: Test = (code) => /[\p{L}\p{N}_]/u.test(String.fromCodePoint(code));
const isBlank: Test = (code) => /\s/.test(String.fromCodePoint(code));
const classes = new Map<string, Test>([
  ["d", isDigit],
  ["D", (code) => !isDigit(code)],
  ["w", isWord],
  ["W", (code) => !isWord(code)],
  ["s", isBlank],
  ["S", (code) => !isBlank(code)],
]);

function atWordBoundary(text: string, at: number): boolean {
  const before = at > 0 && isWord(text.charCodeAt(at - 1));
  return before !== (at < text.length && isWord(text.codePointAt(at)!));
}

function repeat(piece: Piece, least: number, most: number): Piece {
  let result: Piece = [];
  for (let count = 0; count < least; count++) result = joined(result, piece);
  if (most === Number.POSITIVE_INFINITY) {
    return joined(result, [{ kind: "jump", to: [1, piece.length + 2] }, ...moved(piece, 1), { kind: "jump", to: [0] }]);
  }
  for (let count = least; count < most; count++) {
    result = joined(result, [{ kind: "jump", to: [1, piece.length + 1] }, ...moved(piece, 1)]);
  }
  return result;
}

function joined(one: Piece, other: Piece): Piece {
  return limited([...one, ...moved(other, one.length)]);
}

function moved(piece: Piece, by: number): Piece {
  return piece.map((instruction) =>
    instruction.kind === "jump" ? { kind: "jump", to: instruction.to.map((target) => target + by) } : instruction,
  );
}

function limited(piece: Piece): Piece {
  if (piece.length > mostInstructions) throw new PatternFault("is too large");
  return piece;
}
