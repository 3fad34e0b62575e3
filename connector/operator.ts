import { userInfo } from "node:os";

/** The name of the person who runs the command, as the system knows it. */
export function operator(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that no user has.
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}
