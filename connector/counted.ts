/** A number of things in words: `1 company`, `2 companies`. The plural is that with an s, unless it is given. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
