/** Whether a database's location is a server: `postgres://` and `postgresql://` are, anything else is a folder. */
export function isServer(location: string): boolean {
  return /^postgres(ql)?:\/\//i.test(location);
}
