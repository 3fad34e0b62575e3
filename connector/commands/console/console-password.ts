import { text } from "node:stream/consumers";
import { hashPassword } from "../../console/password.ts";
import { Failure } from "../../failure.ts";
import { writeLine } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import { Questions } from "../init/questions.ts";

const shortest = 8;

/** Reads a password from the terminal, unseen, or from stdin, and prints its hash. Returns the exit status. */
export async function consolePassword(): Promise<number> {
  const password = process.stdin.isTTY === true ? await asked() : (await text(process.stdin)).replace(/\r?\n$/, "");
  hideSecrets([password]);
  if (password.length < shortest) {
    throw new Failure("usage", `The password must have at least ${shortest} characters.`, {
      hint: "Give it on the terminal or as the only line of stdin.",
    });
  }
  await writeLine(await hashPassword(password));
  return 0;
}

async function asked(): Promise<string> {
  const stop = new AbortController();
  const questions = new Questions((reason) => stop.abort(reason));
  try {
    const password = await questions.ask("Password (not shown)", { hidden: true });
    const again = await questions.ask("Once more", { hidden: true });
    if (again !== password) throw new Failure("usage", "The two passwords differ.");
    return password;
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    questions.close();
  }
}
