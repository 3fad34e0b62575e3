/** Formats a number of things: `1 company`, `2 companies`. The plural is the singular with an s, unless given. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
