/** Returns true if a database's location is a server, `postgres://` or `postgresql://`; any other is a folder. */
export function isServer(location: string): boolean {
  return /^postgres(ql)?:\/\//i.test(location);
}
